"""The same bits, whoever builds: what every build has alike, and a second build that shows whether that was enough.

``steady`` is for every build. With ``--reproducible``, a project is built again under other circumstances (``again``),
and the two wheels are compared (``compare``, ``causes``).
"""
