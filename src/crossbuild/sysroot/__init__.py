"""Roots with a distribution's Python and libraries, made by an unprivileged user.

In come the name of a release (``debian:bookworm:arm64``), packages beyond the base set, and the sources to take them
from. Out come a ``Sysroot``, which is a directory with a manifest, and an index of the files in all packages. apt
downloads and verifies, dpkg-deb unpacks, and no program of a package is ever run.

``SysrootStore`` is the way in. Each session has one; ``api``, ``cli`` and ``diagnosis`` make their own for the commands
on sysroots. Other packages only use the values: names of sysroots and packages, and where to fetch from.
``external.py`` stands alone: for ``building``, it turns what a ``pyproject.toml`` declares (PEP 725) into packages.
"""
