"""Where things are in a shadow prefix, and where the host keeps its own."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.system.rooted_paths import follow

if TYPE_CHECKING:
    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.host.model import Host


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The paths of a shadow prefix, whether it exists yet or not."""

    prefix: Path
    executable: Path
    """The copy of the build Python's executable: ``bin/pythonX.Y``."""
    stdlib: Path
    """``lib/pythonX.Y``, or what the build Python has in its place (``lib64``, ``python3.13t``)."""
    include: Path
    """The directory with ``Python.h`` and the host's ``pyconfig.h``."""
    libraries: Path
    """The host's ``libpython`` and nothing else. ``lib`` itself may hold the build machine's."""
    config: Path
    """``LIBPL``: the Makefile, and what else the host has there."""

    @classmethod
    def from_prefix(cls, prefix: Path, *, build_python: BuildPython, host: Host) -> Layout:
        """Return the layout of the shadow that ``prefix`` is, or is to be."""
        named = f"python{host.version}{'t' if 't' in host.abi_flags else ''}"
        multiarch = host_multiarch(host)
        # The interpreter's own code looks for this directory, from where its executable is (PLATLIBDIR of CPython).
        stdlib = prefix.joinpath(*build_python.stdlib.parts[-2:])
        config = f"config-{host.version}{host.abi_flags}"
        return cls(
            prefix=prefix,
            executable=prefix / "bin" / named,
            stdlib=stdlib,
            include=prefix / "include" / f"python{host.version}{host.abi_flags}",
            libraries=prefix / "lib" / host.platform.multiarch,
            config=stdlib / (f"{config}-{multiarch}" if multiarch else config),
        )

    @property
    def pkgconfig(self) -> Path:
        """``LIBPC``: the directory with ``python-X.Y.pc``."""
        return self.libraries / "pkgconfig"


def host_multiarch(host: Host) -> str:
    """Return the host's ``MULTIARCH``, which may be empty."""
    return str(host.build_time_vars.get("MULTIARCH", ""))


def sysconfigdata_name(build_python: BuildPython, host: Host) -> str:
    """Return the module that the build Python's ``sysconfig`` reads once it has the host's multiarch.

    Distributions change the rule (Debian leaves the platform out), so it is the build Python's own name that counts.
    """
    return build_python.sysconfigdata_name.removesuffix(build_python.multiarch) + host_multiarch(host)


def on_this_machine(recorded: str | int | None, host: Host) -> Path | None:
    """Return where the directory that the host's record calls ``recorded`` is here, or None if it is not.

    Below where the host's prefix was found, or below the sysroot. A path that merely exists on the build machine too
    is never meant. A synthesised host's record tells of no directory that there is.
    """
    if host.synthesised or not isinstance(recorded, str) or not recorded.startswith("/"):
        return None
    candidates = []
    # A prefix that was moved is where it was found, not where its record says.
    prefix = Path(str(host.build_time_vars.get("prefix", "/")))
    if host.prefix and Path(recorded).is_relative_to(prefix):
        candidates.append(host.prefix / Path(recorded).relative_to(prefix))
    if host.sysroot:
        candidates.append(host.sysroot / recorded.lstrip("/"))
    with suppress(OSError):
        real = (follow(candidate, root=host.sysroot) for candidate in candidates)
        return next((place for place in real if place.is_dir()), None)
    return None
