"""One build: its environment, its requirements, the project's PEP 517 hooks, and the audit of the wheel that comes out.

In come a source (``sources``), a session, and something that has the host's wheels of build requirements. Out comes an
audited wheel, new or from the cache, or METADATA alone; on failure an error with the build directory that was kept.
``cached`` is the way in: it keeps the wheels of sdists, and begins again with more libraries if some were missing.
Below it, ``wheel`` takes one build through its steps, in a ``workspace`` of two virtual environments. ``wheelhouse``
builds here and hands in the host's wheels, since these may have to be built, too. ``environments`` makes the same
workspaces to last, and ``cli`` runs the pip that hooks call. Nothing else calls it.
"""
