"""Real host Pythons, each with what its extensions are compiled and linked against."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crossbuild.sysroot.names import SysrootName
from crossbuild.system.cache import digest
from tests.testbed.bed import BedError
from tests.testbed.choices import first_available
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
    packages: tuple[str, ...]
    """Beyond those that every sysroot has."""

    def __str__(self) -> str:
        return f"{self.suite} {MACHINES[self.machine].debian}"


@dataclass(frozen=True, kw_only=True)
class Role:
    """What tests need a host for, and the hosts that will do, the best first."""

    what: str
    choices: tuple[DebianHost, ...]

    @property
    def version(self) -> tuple[int, int]:
        """The version of Python that the first choice has."""
        return (3, _MINORS[self.choices[0].suite])


_MINORS = {"bookworm": 11, "trixie": 13, "forky": 14}
_LIBRARIES = ("zlib1g-dev", "libffi-dev", "libyaml-dev")


def _role(what: str, machine: str, suites: str, *packages: str) -> Role:
    choices = (DebianHost(suite=suite, machine=machine, packages=packages) for suite in suites.split())
    return Role(what=what, choices=tuple(choices))


DEBIAN_HOSTS = {
    "debian_arm64": _role("64-bit Arm with libraries", "aarch64", "bookworm trixie", *_LIBRARIES),
    "debian_arm64_debug": _role("debug Python on 64-bit Arm", "aarch64", "bookworm", "python3.11-dbg"),
    "debian_armel": _role("Arm without a floating-point unit", "armv5tel", "bookworm trixie"),
    "debian_armhf": _role("hard-float 32-bit Arm with libraries", "armv7l", "bookworm trixie", *_LIBRARIES),
    "debian_i386": _role("32-bit x86", "i686", "bookworm trixie"),
    "debian_ppc64el": _role("64-bit little-endian POWER", "ppc64le", "bookworm trixie"),
    "debian_s390x": _role("64-bit big-endian Linux", "s390x", "bookworm trixie"),
    "trixie_arm64": _role("64-bit Arm with a newer glibc and libraries", "aarch64", "trixie forky", *_LIBRARIES),
    "trixie_riscv64": _role("64-bit RISC-V with libraries", "riscv64", "trixie forky sid", *_LIBRARIES),
    "trixie_s390x": _role("64-bit big-endian Linux with a newer glibc", "s390x", "trixie bookworm"),
    "forky_arm64": _role("64-bit Arm with the newest glibc and Python", "aarch64", "forky sid"),
}
"""The roles of hosts by the names of their fixtures, which are called after the first choice."""

TAGGED = (
    *("debian_arm64", "debian_armel", "debian_armhf", "debian_i386", "debian_ppc64el", "debian_s390x"),
    *("trixie_arm64", "trixie_riscv64", "trixie_s390x"),
)
"""Hosts, by their fixtures, that there is a platform tag for."""

RELEASES = {
    "debian:trixie:riscv64": ("debian:trixie:riscv64", "debian:forky:riscv64", "debian:sid:riscv64"),
}
"""What does as well where a release cannot be fetched, the release itself first."""

_WARM_UP = "import decimal, email.parser, json, multiprocessing, sysconfig, unittest.mock, urllib.request, zipfile"


def debian_host(bed: Bed, name: str) -> HostRoot:
    """Return a host that can play the role that :data:`DEBIAN_HOSTS` calls ``name``."""
    role = DEBIAN_HOSTS[name]
    return first_available(bed, role.what, {str(host): partial(_debian_host, bed, host) for host in role.choices})


def _debian_host(bed: Bed, wanted: DebianHost) -> HostRoot:
    debian = MACHINES[wanted.machine].debian
    qemu = emulator(bed, wanted.machine)

    def host(root: Path) -> HostRoot:
        python = _python_of(root)
        return HostRoot(
            name=f"{wanted.suite}-{debian}",
            suite=wanted.suite,
            architecture=wanted.machine,
            version=(3, int(python.name.partition(".")[2])),
            root=root,
            python=python,
            emulator=qemu,
        )

    def make(scratch: Path) -> None:
        make_sysroot(bed, wanted.suite, debian, wanted.packages, into=scratch / "root")
        warm_up(host(scratch / "root"))

    return host(bed.cache.entry("hosts", f"{wanted.suite}-{debian}-{digest(wanted.packages)}", make) / "root")


def _python_of(root: Path) -> Path:
    found = (path for path in root.glob("usr/bin/python3.*") if re.fullmatch(r"python3\.\d+", path.name))
    return max(found, key=lambda path: int(path.name.partition(".")[2]))


def platform_tag(host: HostRoot) -> str:
    """Return the tag that promises what ``host`` has: its glibc, on machines that there are such tags for."""
    if host.architecture == "armv5tel":
        return f"linux_{host.architecture}"
    (libc,) = {path.resolve() for path in host.root.glob("usr/lib/*-linux-gnu*/libc.so.6")}
    (version,) = re.findall(rb"GNU C Library .* version (\d+\.\d+)", libc.read_bytes())
    return f"manylinux_{version.decode().replace('.', '_')}_{host.architecture}"


def available_release(bed: Bed, release: str) -> str:
    """Return ``release``, or what does as well (see :data:`RELEASES`) if it cannot be fetched."""
    names = RELEASES.get(release, (release,))
    return first_available(bed, release, {name: partial(_provided, bed, name) for name in names})


def _provided(bed: Bed, release: str) -> str:
    release_host(bed, release)
    return release


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
