"""Which sysroot a host's Python and libraries come from: the user's own, or one of a distribution's packages."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from crossbuild.errors import HostError, SysrootError, UsageError
from crossbuild.host.describe import describe_host
from crossbuild.host.model import PartialHost
from crossbuild.sysroot.model import MANIFEST, Sysroot
from crossbuild.sysroot.names import SysrootName, is_sysroot_name
from crossbuild.sysroot.recipe import with_added

if TYPE_CHECKING:
    from collections.abc import Collection

    from crossbuild.host.model import Host
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.sysroot.store import SysrootStore


@dataclass(frozen=True, kw_only=True)
class DescribedTarget:
    """A host as its files tell it, and where its libraries are."""

    described: Host | PartialHost
    sysroot: Sysroot | None = None
    """The distribution's packages that the host consists of, or is built with."""
    root: Path | None = None
    """Where the host's libraries and headers are."""

    @classmethod
    def from_options(cls, options: BuildOptions, sysroots: SysrootStore, packages: Collection[str] = ()) -> Self:
        """Read the host in ``options``; ``packages`` are added to its sysroot. Raises HostError or SysrootError."""
        libraries = find_libraries(options, sysroots, {*options.sysroot_packages, *packages})
        described = describe(options, libraries)
        given = options.sysroot.absolute() if isinstance(options.sysroot, Path) else None
        root = libraries.directory if libraries else given or described.sysroot
        return cls(described=described, sysroot=libraries, root=root)

    @property
    def recorded_cc(self) -> str:
        """The C compiler that the host was built with, empty where none is recorded."""
        return str((self.described.build_time_vars or {}).get("CC", ""))


def find_libraries(options: BuildOptions, sysroots: SysrootStore, packages: Collection[str]) -> Sysroot | None:
    """Return the distribution's sysroot of the host in ``options`` with ``packages``, made if need be.

    None if the host has none, and ``packages`` is empty. A tag without a sysroot gets its packages from the oldest
    release that there is. Raises SysrootError, HostError or UsageError.
    """
    packages = with_added((), packages)
    base = _base(options, sysroots)
    # A host without a distribution of its own, such as a platform tag. Its packages still have to come from one.
    if base is None and packages:
        base = sysroots.provide(_default(options), request=options.sysroot_source)
    return sysroots.with_packages(base, packages) if base else None


def describe(options: BuildOptions, libraries: Sysroot | None) -> Host | PartialHost:
    """Return the host in ``options``, whose distribution's packages are in ``libraries``.

    Raises HostError, and SysrootError if they are for another machine.
    """
    if libraries is None:
        return _describe(options)
    place = _place(options, libraries)
    described = describe_host(place, python=options.python, sysroot=libraries.directory, request=options.host_request)
    own, others = described.platform, libraries.name
    if (own.architecture, own.libc) != (others.architecture, "glibc"):
        raise SysrootError(
            f"The libraries of {others} are for {others.architecture.name} with glibc, but the host {options.host} is "
            f"{own.architecture.name} with {own.libc}.",
            why="They could be linked, but the host's CPU lacks their instructions."
            if own.architecture.abi == others.architecture.abi
            else "",
            fix="Name a host and a sysroot of one architecture, or a directory that has the libraries: --sysroot DIR.",
        )
    # Messages and records call the host what the user called it, not by the path that it has in the cache.
    return replace(described, name=options.host)


def _place(options: BuildOptions, libraries: Sysroot) -> str:
    """Return what ``describe_host`` takes for the host; one inside a sysroot is looked for in ``libraries``."""
    if is_sysroot_name(options.host):
        return str(_python(libraries, options))
    own = _inside(options.host)
    if own is None or options.sysroot is not None:
        return options.host
    # Adding packages makes another sysroot and leaves the first alone. The path that the user gave leads into the
    # first, so look for the same file in the other.
    return str(libraries.directory / Path(options.host).absolute().relative_to(own))


def library_source(described: Host | PartialHost, libraries: Sysroot | None) -> SysrootName:
    """Return the release whose packages are to be named to the user. Raises SysrootError where there is none."""
    return libraries.name if libraries else SysrootName.oldest_for(described.platform)


def can_add_packages(options: BuildOptions, described: Host | PartialHost, libraries: Sysroot | None) -> bool:
    """Return whether ``--sysroot-package`` has an effect on a host like this one."""
    return libraries is not None or (isinstance(described, PartialHost) and options.sysroot is None)


def _base(options: BuildOptions, sysroots: SysrootStore) -> Sysroot | None:
    # A release brings its own libraries, and its Python is linked against these.
    if is_sysroot_name(options.host) and options.sysroot:
        raise UsageError(
            f"--host {options.host} has its own libraries; --sysroot cannot name others.",
            fix="Leave --sysroot out; --sysroot-package adds packages.",
        )
    name = SysrootName.from_text(options.host) if is_sysroot_name(options.host) else options.sysroot
    if isinstance(name, SysrootName):
        return sysroots.provide(name, request=options.sysroot_source)
    directory = name or _inside(options.host)
    if directory and (directory / MANIFEST).is_file():
        return Sysroot.from_directory(directory.resolve())
    return None


def _describe(options: BuildOptions) -> Host | PartialHost:
    sysroot = _directory(options)
    return describe_host(options.host, python=options.python, sysroot=sysroot, request=options.host_request)


def _directory(options: BuildOptions) -> Path | None:
    return options.sysroot if isinstance(options.sysroot, Path) else None


def _inside(host: str) -> Path | None:
    """Return the sysroot of crossbuild's making that the path ``host`` lies in."""
    # Most hosts are tags or names. Without this test, one would be taken for a path below the working directory.
    if not os.path.lexists(host):
        return None
    path = Path(host).absolute()
    return next((above for above in (path, *path.parents) if (above / MANIFEST).is_file()), None)


def _default(options: BuildOptions) -> SysrootName:
    described = _describe(options)
    if isinstance(described, PartialHost) and options.sysroot is None:
        return SysrootName.oldest_for(described.platform)
    where = options.sysroot or described.sysroot or "its root"
    raise SysrootError(
        f"crossbuild cannot add packages to {where}, which it did not make.",
        fix="Install them there by the means of its system, or use a host such as debian:bookworm:arm64.",
    )


def _python(libraries: Sysroot, options: BuildOptions) -> Path:
    wanted = "python{}.{}".format(*options.python) if options.python else ""
    for python in libraries.pythons:
        # ``python3.13t`` is a Python 3.13, too. Its ABI flags are checked when its files are read.
        if not wanted or python.name.rstrip("t") == wanted:
            return python
    held = ", ".join(python.name for python in libraries.pythons) or "no Python"
    raise HostError(
        f"{libraries.name} has {held}" + (f", but {wanted} was asked for." if wanted else "."),
        fix="Leave --python out, or name another release: docs/reference/sysroots.md has a table.",
    )
