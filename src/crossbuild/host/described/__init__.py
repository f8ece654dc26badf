"""Hosts that a file describes: a host file, a ``build-details.json`` (PEP 739), or build variables alone.

In come a path and the user's request; out comes a ``Host`` if its headers are on this machine, too, else a
``PartialHost``. Other programs wrote most of these files, and often wrongly: a contradiction is a HostError, and a
fault that can be put up with becomes one of the host's ``defects``. A new kind of file gets a module here, and a call
in :mod:`crossbuild.host.describe`, which with the capture is all that reads hosts from files. ``crossbuild host show
--json`` writes a host file by the same module that reads it.
"""
