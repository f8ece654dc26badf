"""What crossbuild uses of this machine: the cache, other programs, temporary files, and files that others wrote.

In come paths, command lines and environments; out come values, and files that are complete or not there at all.
Whatever a signal, a full disk or a killed process can interrupt is dealt with here once, so that callers need not. What
a build prints (:mod:`.excerpt`, :mod:`.killed`) and requirements as others write them are only text here: nothing knows
hosts, wheels or the steps of a build, so every package above may call it. :mod:`.keeper` and :mod:`.exec_watch` are
scripts for processes of their own, and import only the standard library.
"""
