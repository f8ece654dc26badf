"""What is asked for: words of a command line, requirements files, lock files and dependency groups, read and checked.

In comes a ``Request``, which has the user's words and files as they are. Out comes a ``ParsedRequest`` (``request``):
requirements for the resolver, places of projects and wheels, a policy, and what files say of indexes. Markers are still
in it, since the host is not known yet. Files mean here what they mean to pip. Nothing is fetched or unpacked.
``cli``, ``api`` and ``frontend`` make requests, ``environments`` and ``image`` hand them on, and ``wheelhouse`` reads
them; it also writes lock files here.
"""
