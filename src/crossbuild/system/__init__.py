"""What crossbuild uses of this machine: the cache, other programs, temporary files, and files that others wrote.

The modules take paths, command lines and environments. They return values, or files that are either complete or not
there: signals, full disks and killed processes are handled here, so that callers need not. Nothing here knows about
hosts, wheels or the steps of a build. Build output (:mod:`.excerpt`, :mod:`.killed`) and requirements are only text. So
every package above may call this one. :mod:`.keeper` and :mod:`.exec_watch` run as scripts in processes of their own,
and import only the standard library.
"""
