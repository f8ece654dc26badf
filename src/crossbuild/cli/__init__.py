"""The command line: a module for each command, and what they share.

In come words, variables and signals; out go paths or a JSON document on standard output, everything else on standard
error, and an exit code. A command turns its words into the values of :mod:`crossbuild.frontend`, calls it, and shows
the outcome: ``options``, ``values`` and ``kinds`` are about the words, ``outcome`` and ``display`` about what is shown.
Only :mod:`crossbuild.__main__` calls this package. Its modules import what does the work inside of their functions, so
that ``--version`` and ``--help`` stay fast.
"""
