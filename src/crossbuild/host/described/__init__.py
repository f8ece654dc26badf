"""A host that a file describes: a host file, ``build-details.json``, or its build variables alone."""
