"""The directory that a CPython was built in, before any installation.

Source: CPython's Lib/sysconfig (``_safe_realpath``, ``_is_python_source_dir``) and Makefile.pre.in (pybuilddir.txt).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.request import HostRequest


def is_build_directory(directory: Path) -> bool:
    """Return whether a CPython was configured in ``directory``."""
    return (directory / "pybuilddir.txt").is_file()


def read_build_directory(directory: Path, *, name: str, sysroot: Path | None, request: HostRequest) -> NoReturn:
    """Return the host Python that was built in ``directory``."""
    raise NotImplementedError(directory, name, sysroot, request)
