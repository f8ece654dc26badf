"""What CPython's configure would find on a host of which only the name is known, measured with its compilers.

:mod:`.synthesise` takes a ``PartialHost``, working compilers, and what a build Python of the same version lends
(:mod:`.borrowed`). It returns build variables and a ``pyconfig.h``, and keeps both in the cache. Each question is
compiled, and its answer is read from the object file, so no program of the host has to run. Called by
:mod:`crossbuild.host.complete` alone; the diagnosis asks :mod:`.borrowed` whether a build Python will do.
"""
