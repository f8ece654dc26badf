"""A host Python that is on this machine: in its prefix, or still in the directory where it was built.

The readers take a directory or an executable. They return a ``Host``, or a ``PartialHost`` if the headers are missing,
as on most devices. :mod:`.prefix` finds the version and the standard library by file names; :mod:`.relocation` finds
the root that recorded paths start from, the host's sysroot. Called by :mod:`crossbuild.host.describe`, and by the
readers of files that turn out to be part of an installation.
"""
