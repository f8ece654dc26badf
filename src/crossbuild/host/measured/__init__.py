"""What CPython's configure would find on a host of which only a name is known, measured with its compilers.

In come a ``PartialHost``, compilers that were proven, and what a build Python of its version lends (:mod:`.borrowed`).
Out come build variables and a ``pyconfig.h``, kept in the cache. Each question is compiled, and the answer is read from
the object file, so that nothing of the host has to run. Only :mod:`crossbuild.host.complete` measures; the diagnosis
asks :mod:`.borrowed` whether a build Python will do.
"""
