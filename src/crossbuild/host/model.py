"""What we compile for: a host Python, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from crossbuild.host.device import Device
    from crossbuild.platforms.platform import Platform

Variables = Mapping[str, str | int]
"""``build_time_vars`` of a sysconfigdata: what ``sysconfig`` calls config vars."""


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """What is known of every host: read, without running anything of it."""

    name: str
    """What the user called it, for messages."""
    platform: Platform
    abi_flags: str = ""
    prefix: Path | None = None
    """Where the host's prefix is on this machine; None if there is no host Python at all."""
    sysroot: Path | None = None
    """The root that the host's absolute paths start from, if it is not this machine's."""
    platform_tags: tuple[str, ...] = ()
    """The platform tags whose wheels it takes, the best first, where somebody said so."""
    config_vars: Mapping[str, str] = field(default_factory=dict)
    """The build variables that the user set; they are among the host's, too."""
    device: Device | None = None
    """What the machine itself told, where it was asked."""
    origin: Mapping[str, str] = field(default_factory=dict)
    """Where each fact was found, by the name of its field: a file, or a few words."""
    defects: tuple[str, ...] = ()
    """What is wrong with the host's own files and was put up with, a sentence each."""

    @property
    def installable_tags(self) -> tuple[str, ...]:
        """The platform tags of wheels that run on it, the best first."""
        return self.platform_tags or self.platform.installable_tags

    @property
    def common(self) -> dict[str, Any]:
        """What is known of every host, by field: arguments for another record of the same one."""
        return {one.name: getattr(self, one.name) for one in fields(HostFacts)}


@dataclass(frozen=True, kw_only=True)
class KnownHost(HostFacts):
    """A host of which enough is known to choose distributions for it."""

    python_version: tuple[int, int, int]
    """The build Python's, where the host does not tell its own."""

    @property
    def version(self) -> str:
        """``3.11``."""
        return "{}.{}".format(*self.python_version)


@dataclass(frozen=True, kw_only=True)
class Host(KnownHost):
    """A host Python of which everything is known."""

    build_time_vars: Variables
    """The host's sysconfigdata, with the paths of the host: nothing is localised here."""
    headers: Path
    """The directory with ``Python.h``."""
    pyconfig: str
    """The text of the host's own ``pyconfig.h`` (never a switch that includes another)."""
    synthesised: bool = False
    """Whether its variables were made by measuring, rather than read."""

    @property
    def ext_suffix(self) -> str:
        """The file suffix of extension modules: ``.cpython-311-aarch64-linux-gnu.so``. Read, never composed."""
        return str(self.build_time_vars["EXT_SUFFIX"])

    @property
    def multiarch(self) -> str:
        """The tuple that its library directories are named by, ``aarch64-linux-gnu``: recorded, else the platform's."""
        return str(self.build_time_vars.get("MULTIARCH") or self.platform.multiarch)


@dataclass(frozen=True, kw_only=True)
class PartialHost(HostFacts):
    """A host of which something is missing: the build Python of its version lends it, or it is measured."""

    python_version: tuple[int, int]
    micro: int | None = None
    """The third number of its version, if that is known."""
    build_time_vars: Variables | None = None
    """None: what its compilers measure, and what a CPython of its version usually records."""
    ext_suffix: str = ""
    """The file suffix of extension modules, where that is known without the variables."""
    headers: Path | None = None
    header_texts: Mapping[str, str] = field(default_factory=dict)
    """What its headers hold, by their paths below the directory of ``Python.h``, where they are not files here."""
    pyconfig: str | None = None
