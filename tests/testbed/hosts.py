"""Real host Pythons, each with what its extensions are compiled and linked against."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.cache import digest
from crossbuild.sysroot.names import SysrootName
from tests.testbed.bed import BedError
from tests.testbed.debian import make_sysroot, source_request, sysroots
from tests.testbed.machines import MACHINES
from tests.testbed.tools import emulator

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.testbed.bed import Bed


@dataclass(frozen=True, kw_only=True)
class HostRoot:
    """A host Python inside a root of its own."""

    name: str
    """``bookworm-arm64``."""
    suite: str
    """The Debian suite that it, or its source, is from."""
    architecture: str
    """What wheel tags say: ``armv7l``."""
    version: tuple[int, int]
    root: Path
    """What ``/`` is to it; also the compiler's sysroot."""
    python: Path
    """The interpreter, a path of this machine."""
    emulator: Path

    @property
    def command(self) -> list[str]:
        """The beginning of a command that runs its Python here."""
        options = MACHINES[self.architecture].qemu_options
        return [str(self.emulator), *options, "-L", str(self.root), str(self.python)]


@dataclass(frozen=True, kw_only=True)
class DebianHost:
    """A host Python that Debian has packaged, and the packages."""

    suite: str
    machine: str
    version: tuple[int, int]
    packages: tuple[str, ...]
    """Beyond those that every sysroot has."""


def _debian(suite: str, machine: str, *packages: str) -> DebianHost:
    minor = {"bookworm": 11, "trixie": 13, "forky": 14}[suite]
    return DebianHost(suite=suite, machine=machine, version=(3, minor), packages=packages)


_LIBRARIES = ("zlib1g-dev", "libffi-dev", "libyaml-dev")

DEBIAN_HOSTS = {
    "debian_arm64": _debian("bookworm", "aarch64", *_LIBRARIES),
    "debian_arm64_debug": _debian("bookworm", "aarch64", "python3.11-dbg"),
    "debian_armel": _debian("bookworm", "armv5tel"),
    "debian_armhf": _debian("bookworm", "armv7l", *_LIBRARIES),
    "debian_i386": _debian("bookworm", "i686"),
    "debian_ppc64el": _debian("bookworm", "ppc64le"),
    "debian_s390x": _debian("bookworm", "s390x"),
    "trixie_arm64": _debian("trixie", "aarch64", *_LIBRARIES),
    "trixie_riscv64": _debian("trixie", "riscv64", *_LIBRARIES),
    "trixie_s390x": _debian("trixie", "s390x"),
    "forky_arm64": _debian("forky", "aarch64"),
}
"""The hosts by the names of their fixtures."""

TAGS = {
    "debian_arm64": "manylinux_2_36_aarch64",
    "debian_armel": "linux_armv5tel",
    "debian_armhf": "manylinux_2_36_armv7l",
    "debian_i386": "manylinux_2_36_i686",
    "debian_s390x": "manylinux_2_36_s390x",
    "debian_ppc64el": "manylinux_2_36_ppc64le",
    "trixie_arm64": "manylinux_2_41_aarch64",
    "trixie_riscv64": "manylinux_2_41_riscv64",
    "trixie_s390x": "manylinux_2_41_s390x",
}
"""Real hosts, by their fixtures, and the tag that promises the glibc they have."""


_WARM_UP = "import decimal, email.parser, json, multiprocessing, sysconfig, unittest.mock, urllib.request, zipfile"


def debian_host(bed: Bed, name: str) -> HostRoot:
    """Return the host that :data:`DEBIAN_HOSTS` calls ``name``."""
    wanted = DEBIAN_HOSTS[name]
    debian = MACHINES[wanted.machine].debian
    qemu = emulator(bed, wanted.machine)

    def host(root: Path) -> HostRoot:
        return HostRoot(
            name=f"{wanted.suite}-{debian}",
            suite=wanted.suite,
            architecture=wanted.machine,
            version=wanted.version,
            root=root,
            python=root / "usr/bin" / "python{}.{}".format(*wanted.version),
            emulator=qemu,
        )

    def make(scratch: Path) -> None:
        make_sysroot(bed, wanted.suite, debian, wanted.packages, into=scratch / "root")
        warm_up(host(scratch / "root"))

    return host(bed.cache.entry("hosts", f"{wanted.suite}-{debian}-{digest(wanted)}", make) / "root")


def release_host(bed: Bed, release: str, *packages: str) -> HostRoot:
    """Return the host that ``--host release`` means, with ``packages``: the sysroot that builds use."""
    name = SysrootName.from_text(release)
    sysroot = sysroots(bed).provide(name, packages, source_request(bed))
    python = sysroot.pythons[0]
    return HostRoot(
        name=release,
        suite=name.suite,
        architecture=name.architecture.name,
        version=(3, int(python.name.partition(".")[2])),
        root=sysroot.directory,
        python=python,
        emulator=emulator(bed, name.architecture.name),
    )


def warm_up(host: HostRoot) -> None:
    """Let ``host`` write the bytecode of what is often imported, as its installation would have: saves three
    quarters of each later start. Raises BedError if it cannot run."""
    done = _run(host, _WARM_UP, {})
    if done.returncode:
        raise BedError(f"{host.name} does not run:\n{done.stderr}")


def run_on_host(host: HostRoot, code: str, *site_dirs: Path) -> subprocess.CompletedProcess[str]:
    """Run ``code`` with the host's Python, with ``site_dirs`` before its own packages.

    It gets a small environment of its own, and writes no bytecode: roots and unpacked wheels stay as they are.
    """
    path = ":".join(str(directory) for directory in site_dirs)
    return _run(host, code, {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": path})


def _run(host: HostRoot, code: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    base = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [*host.command, "-c", code], env={**base, **environ}, capture_output=True, text=True, check=False
    )
