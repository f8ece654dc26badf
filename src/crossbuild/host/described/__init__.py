"""Hosts described by a file: a host file, a ``build-details.json`` (PEP 739), or build variables alone.

The readers take a path and the user's request. They return a ``Host`` if its headers are on this machine too, otherwise
a ``PartialHost``. Other programs wrote most of these files, often with mistakes: a file that contradicts itself is a
HostError, and a mistake that does no harm is added to the host's ``defects``. Only :mod:`crossbuild.host.describe` and
the capture call the readers. A new kind of file needs a module here and a call there. ``crossbuild host show --json``
writes host files with the module that reads them.
"""
