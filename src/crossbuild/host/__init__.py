"""What we compile for: a host Python as plain data, and every way to get one. No program of a host is run.

:mod:`.describe` takes the user's name for a host and what the user knows better (:mod:`.host_request`). It returns a
``Host``, of which everything is known, or a ``PartialHost``, which :mod:`.complete` turns into a ``Host`` with the
host's compilers and a build Python. Both are in :mod:`.model`. Only the session describes and completes hosts, each
host once; the rest of crossbuild takes the finished ``Host``. The packages below read one kind of description or of
file each.
"""
