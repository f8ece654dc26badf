"""The build Python: an interpreter of this machine with the version and ABI of the host's Python.

It runs backends, and lends headers to hosts that have none. In come a version, ABI flags and where to look (the
environment is an argument); out comes a ``BuildPython``, facts that the interpreter itself has told, or a
BuildPythonError that says what was tried. :mod:`.discovery` only looks, :mod:`.provision` has uv install one if the
user allows it. The session finds one for each target, and the diagnosis asks what this machine has. Others take the
value.
"""
