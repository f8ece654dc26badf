"""Debian packages of any suite and architecture, fetched by the means that crossbuild itself has for its users."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.reporting import SilentReporter
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.names import SysrootName
from crossbuild.sysroot.store import SysrootStore
from crossbuild.sysroot.unpack import start_root, unpack
from crossbuild.system.cache import Cache, digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from crossbuild.sysroot.apt import Apt
    from tests.testbed.bed import Bed


def sysroots(bed: Bed) -> SysrootStore:
    """Return the sysroots of the cache that the tests share with the command line that they run."""
    return SysrootStore(cache=Cache(root=bed.cache.root / "crossbuild"), reporter=SilentReporter(), environ=bed.environ)


def source_request(bed: Bed) -> SourceRequest:
    """Return where packages come from: where the user's variables say, else where this machine's own do."""
    keyring = bed.environ.get("CROSSBUILD_KEYRING")
    mirrors = bed.environ.get("CROSSBUILD_MIRROR", "").split()
    return SourceRequest.from_mirrors(mirrors, keyring=Path(keyring) if keyring else None)


@contextmanager
def apt(bed: Bed, suite: str, architecture: str) -> Iterator[Apt]:
    """Give apt for a suite, with lists that are up to date, to this process alone."""
    name = SysrootName(distribution="debian", suite=suite, debian_architecture=architecture)
    with sysroots(bed).apt(name, source_request(bed)) as ours:
        yield ours


def make_sysroot(bed: Bed, suite: str, architecture: str, packages: Collection[str], *, into: Path) -> None:
    """Make a sysroot with ``packages`` in the new directory ``into``, as ``sysroot create -o`` does."""
    name = SysrootName(distribution="debian", suite=suite, debian_architecture=architecture)
    sysroots(bed).create(name, packages, request=source_request(bed), into=into)


def machine_architecture(bed: Bed) -> str:
    """Return Debian's name of the build machine's architecture."""
    return bed.run(["dpkg", "--print-architecture"]).strip()


def debian_root(bed: Bed, suite: str, architecture: str, packages: Collection[str]) -> Path:
    """Return a directory with ``packages`` of ``suite`` and everything that they depend on, unpacked."""
    key = f"{suite}-{architecture}-{digest(sorted(packages))}"
    return bed.cache.entry("debian", key, lambda root: unpack_closure(bed, suite, architecture, packages, into=root))


def unpack_closure(
    bed: Bed,
    suite: str,
    architecture: str,
    packages: Collection[str],
    *,
    into: Path,
    without: Collection[str] = (),
) -> None:
    """Unpack ``packages`` and what they depend on, except the packages named in ``without``, in ``into``."""
    with apt(bed, suite, architecture) as ours:
        closure = ours.resolve(sorted(packages))
        wanted = [package for package in closure if package.name not in without]
        files = ours.download(closure, only=wanted)
        start_root(into)
        unpack(zip(wanted, files, strict=True), root=into)


def download_source(bed: Bed, suite: str, package: str, into: Path) -> None:
    """Put the files of the source package ``package`` into ``into``; signatures and hashes are checked."""
    with apt(bed, suite, machine_architecture(bed)) as ours:
        sources, lists = ours.directory / "sources-of-source.list", ours.directory / "lists-of-source"
        lines = (ours.directory / "sources.list").read_text().splitlines()
        sources.write_text("".join(f"deb-src{line.removeprefix('deb')}\n" for line in lines))
        (lists / "partial").mkdir(parents=True, exist_ok=True)
        options = ("-q", "-o", f"Dir::Etc::sourcelist={sources}", "-o", f"Dir::State::lists={lists}")
        ours.run("apt-get", "update", *options)
        bed.run(
            ["apt-get", "-c", ours.directory / "apt.conf", "source", "--download-only", *options, package], cwd=into
        )
