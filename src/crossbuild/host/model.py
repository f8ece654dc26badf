"""What we compile for: a host Python, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.platforms import Platform


@dataclass(frozen=True, kw_only=True)
class Host:
    """A host Python. Never run, only read."""

    name: str
    """What the user called it, for messages."""
    platform: Platform
    python_version: tuple[int, int, int]
    """For a synthesised host, the build Python's."""
    abi_flags: str = ""
    build_time_vars: Mapping[str, str | int]
    """The host's sysconfigdata, with the paths of the host: nothing is localised here."""
    headers: Path
    """The directory with ``Python.h``."""
    pyconfig: str
    """The text of the host's own ``pyconfig.h`` (never a switch that includes another)."""
    prefix: Path | None = None
    """Where the host's prefix is on this machine; None if there is no host Python at all."""
    sysroot: Path | None = None
    """The root that the host's absolute paths start from, if it is not this machine's."""
    synthesised: bool = False
    """Whether this host was made from a platform tag by measuring, rather than read."""

    @property
    def ext_suffix(self) -> str:
        """The file suffix of extension modules: ``.cpython-311-aarch64-linux-gnu.so``. Read, never composed."""
        return str(self.build_time_vars["EXT_SUFFIX"])

    @property
    def multiarch(self) -> str:
        """The tuple that its library directories are named by, ``aarch64-linux-gnu``: recorded, else the platform's."""
        return str(self.build_time_vars.get("MULTIARCH") or self.platform.multiarch)

    @property
    def version(self) -> str:
        """``3.11``."""
        return "{}.{}".format(*self.python_version)


@dataclass(frozen=True, kw_only=True)
class TagHost:
    """A host of which only a platform tag and a Python version are known: to be synthesised by measuring."""

    name: str
    platform: Platform
    python_version: tuple[int, int]
    abi_flags: str = ""
