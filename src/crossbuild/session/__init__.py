"""One call of crossbuild: the services that its jobs share, the targets that they build for, and what each has alone.

In come options and the caller's environment; out come an index, a cache, sysroots, and what builds for the host. A
target is made by stages, each once and only when somebody asks for it: described, planned, ready. The frontend makes a
session for each call; everything that resolves, builds, installs or exports is given one, and derives that of a job
from it.
"""
