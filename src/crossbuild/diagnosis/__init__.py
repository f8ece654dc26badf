"""Checks of what builds need, made before one fails without it.

The checks take options and the environment. They return a ``Finding`` for each thing that they looked at: how it is,
and what to do. They raise no error for what is wrong, since finding that is their purpose. :mod:`.machine` checks this
machine. :mod:`.host` goes through the session's stages as a build does, so it finds what a build would run into. The
frontend calls both, for ``crossbuild doctor`` and ``crossbuild host check``. ``crossbuild host list`` asks
:mod:`.cross_compilers` which compilers there are.
"""
