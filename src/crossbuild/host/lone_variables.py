"""A host of which there is only the file with its build variables, and perhaps its headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.request import HostRequest


def is_variables_file(path: Path) -> bool:
    """Return whether ``path`` is named as CPython names its build variables."""
    return path.name.startswith("_sysconfigdata") and path.suffix in (".py", ".pyc")


def read_lone_variables(path: Path, *, name: str, sysroot: Path | None, request: HostRequest) -> NoReturn:
    """Return the host whose build variables are in ``path``. Raises HostError."""
    raise NotImplementedError(path, name, sysroot, request)
