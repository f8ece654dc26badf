"""What crossbuild uses of this machine: the cache, other programs, temporary files, and files that others wrote.

In come paths, command lines and environments; out come values, and files that are complete or not there. Nothing here
knows of hosts, wheels or builds, so every other package may call it.
"""
