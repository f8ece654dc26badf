"""The build Python: an interpreter of this machine with the version and ABI of the host's Python.

It runs build backends, and lends its headers to hosts that have none. :mod:`.discovery` takes a version, ABI flags and
the environment to search. It returns a ``BuildPython``, which is what the interpreter says about itself, or raises a
BuildPythonError that lists what was tried. :mod:`.provision` also lets uv install one, if the user allows it. The
session finds one for each target, and the diagnosis lists those of this machine; everybody else gets the value from
them.
"""
