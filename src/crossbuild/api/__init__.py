"""The functions that programs call; ``crossbuild`` itself gives them, and keeps their names and meanings (semver).

Here the words of a program become the values of :mod:`crossbuild.frontend`, as :mod:`crossbuild.cli` does it for the
words of a command line. Only here is the environment that of the process, unless the program gives another.
"""
