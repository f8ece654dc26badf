"""Looking at what builds need, before one fails for want of it.

In come options and the environment, out come a :class:`~.finding.Finding` for each thing that was looked at: how it is,
and what to do. A check raises nothing for what is wrong; that is what it is to find. :mod:`.machine` looks at this
machine, :mod:`.host` at all that builds for one host prepare, by the same stages of the session as a build, so that it
finds what a build would. Both are called by the frontend, for ``crossbuild doctor`` and ``crossbuild host check``,
which also show the findings. ``crossbuild host list`` asks :mod:`.cross_compilers` for compilers.
"""
