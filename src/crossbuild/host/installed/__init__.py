"""A host Python that is on this machine: in its prefix, or still in the directory where it was built.

In come a directory or an executable. :mod:`.prefix` finds the version and the standard library by the names of files,
:mod:`.relocation` the root that recorded paths start from, which is the host's sysroot. Out comes a ``Host``, or a
``PartialHost`` if the headers are missing, as on a device's own root. :mod:`crossbuild.host.describe` calls this, and
so do the readers of files that turn out to lie in an installation.
"""
