"""A host Python that is installed, or was built in a directory of its own."""
