"""The cross Python: the build Python's code in a prefix that answers as the host Python would.

In come a build Python, a host and its compilers; out comes a ``CrossPython``, an entry of the cache that every build
for this host shares. ``shadow.make_cross_python`` is the way in: the session calls it once for each target, and
``export`` for its files. ``building`` puts a venv of it (``cross_venv``) into each build, and asks it before every hook
who it is (``identity``), as ``diagnosis`` does. The code that runs inside the cross Python is in ``backend_shim``, from
where it is copied as text.
"""
