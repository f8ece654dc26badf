"""The functions that programs call; ``crossbuild`` itself gives them, and keeps their names and meanings (semver).

In come texts, paths and options, as a program has them; they become the values of :mod:`crossbuild.frontend`, as those
of a command line do in :mod:`crossbuild.cli`. Out come the frontend's results, and its errors. Only here does the
environment default to that of the process, with the variables that stand in for options. Programs get these functions
from ``crossbuild``; inside of it, only the command line uses them, for sysroots.
"""
