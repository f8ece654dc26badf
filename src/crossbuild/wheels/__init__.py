"""Wheels after they are built: what is in them, whether the host can use them, and what they may call themselves.

In come a wheel and a ``Host``. ``audit`` reads the wheel once and asks the other modules, each of which knows one kind
of fault; out comes a ``WheelReport``, or an error with all problems at once. ``check`` does this for wheels that
somebody else built. A wheel that is built here is corrected before its audit (``runpaths``, ``requires_dist``), and
gets its tags after it (``retag``). ``Distribution`` is the record of a wheel on its way from the cache to the user.
``building`` and ``wheelhouse`` let every wheel pass here; ``resolve``, ``image`` and ``environments`` read METADATA,
choose by tags and install; ``cli`` and ``api`` check wheels alone. No code of a wheel is run.
"""
