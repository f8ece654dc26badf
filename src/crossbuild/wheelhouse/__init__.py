"""Sets of wheels for the host: planned, fetched and built at once, audited, and delivered.

In come a request and a session; out come audited wheels as ``Distribution``, each as soon as it is there (``make``).
Between them a request becomes one candidate for each project (``plan``), the candidates are fetched and built within
one number of jobs (``gather``), and each wheel passes the audit (``gate``). ``workshop`` makes what has no wheel. What
a single build does is decided in ``building``, and which version is chosen in ``resolve``. Everything that wants a
wheel comes here: ``frontend`` for commands and programs, ``image``, ``environments``, and, by way of the workshop,
builds that compile against another project. ``projects`` is for environments, which need sources and no wheels.
"""
