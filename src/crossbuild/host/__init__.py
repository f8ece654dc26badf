"""What we compile for: a host Python as plain data, and every way to come by one. No program of a host is run.

In come a user's word for a host (:mod:`.describe`) and what the user knows better (:mod:`.host_request`). Out comes a
``Host``, of which everything is known, or a ``PartialHost``, which the host's compilers and a build Python complete
(:mod:`.complete`); :mod:`.model` has both. Describing and completing is the session's business, done once for each
host. Everything else in crossbuild takes the finished ``Host`` from there. What reads one kind of description, or one
kind of file, is in a package below.
"""
