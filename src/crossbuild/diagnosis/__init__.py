"""Looking at what builds need, before one fails for want of it.

In come options and the environment; out comes a ``Finding`` for each thing that was looked at: how it is, and what to
do. A check raises nothing over what is wrong, since finding that is its purpose. :mod:`.machine` looks at this machine.
:mod:`.host` takes the stages of the session that a build takes, so it finds what a build would run into. The frontend
calls both, for ``crossbuild doctor`` and ``crossbuild host check``; ``crossbuild host list`` asks
:mod:`.cross_compilers` which compilers there are.
"""
