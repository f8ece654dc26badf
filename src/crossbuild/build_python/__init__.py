"""The build Python: an interpreter of this machine with the version and ABI of the host's Python.

In come a version and where to look; out comes a Python that was asked who it is. The session finds one for each host;
diagnosis looks at what there is.
"""
