"""Which distributions a host gets: everything that requirements, and the requirements of those, come to there.

In come requirements, what the user allows (``policy``), an index, and a workshop that builds what has no wheel. Out
comes a ``Resolution``: one ``Candidate`` for each project, a version with ways to its metadata and its wheel. Nothing
is fetched or built before a candidate is asked: by the resolver for its metadata, or by the caller for the wheel. The
search itself is resolvelib's, as in pip; ``available`` tells it what there is for the host, and ``conflicts`` puts into
words why nothing fits. ``wheelhouse`` resolves here. ``image`` and ``environments`` make candidates of what is
installed, and ``requirements`` reads options into a policy.
"""
