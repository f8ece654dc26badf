"""What the build machine has of its own changes no wheel, not by a byte.

The poisoned machine is this one, with traps laid over its ``/usr`` in a mount namespace that ends with each command.
Nobody has to be root for that, and nothing outside sees it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.breadth import alone
from tests.commands import copy_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = [pytest.mark.cross, pytest.mark.needs("user namespaces")]

SAMPLES = ("setuptools-c", "setuptools-cxx", "setuptools-autotools", "meson-zlib", "skbuild-core-zlib")
PROGRAMS = ("pkg-config", "pkgconf", "aarch64-linux-gnu-pkg-config", "zlib-config", "python3-config", "xml2-config")
HEADER = "#error a trap of the build machine\n"
MODULE = "Name: trap\nDescription: T\nVersion: 99\nCflags: -DTRAP -include zlib.h\nLibs: -L/usr/lib -ltrap\n"
PACKAGE = 'message(FATAL_ERROR "a trap of the build machine")\n'
SITE = "echo a trap of the build machine >&2; exit 1\n"
PROGRAM = "#!/bin/sh\necho -I/usr/include -DTRAP -L/usr/lib -ltrap\n"


@dataclass(frozen=True, kw_only=True)
class Poison:
    """Traps, and the way into a machine that has them in ``/usr``."""

    usr: Path
    environ: dict[str, str]
    """What a user of such a machine may have set."""

    @property
    def within(self) -> list[str]:
        """The beginning of a command that runs there."""
        lay = f'mount -t overlay overlay -o "lowerdir={self.usr}:/usr" /usr && exec "$@"'
        return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", lay, "sh"]

    def lay(self, place: str, text: str, *, mode: int = 0o644) -> None:
        """Put a trap at ``place`` below ``/usr``."""
        file = self.usr / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)


@pytest.fixture(scope="module")
def poison(debian_arm64: HostRoot, tmp_path_factory: pytest.TempPathFactory) -> Poison:
    """A machine with other headers, libraries, modules and programs wherever a build may happen to look."""
    multiarch = getattr(sys.implementation, "_multiarch", "x86_64-linux-gnu")
    libraries = ("lib", "lib64", f"lib/{multiarch}", "local/lib", f"local/lib/{multiarch}")
    searched = {"CPATH": "include", "LIBRARY_PATH": "local/lib", "PKG_CONFIG_PATH": "lib/pkgconfig"}
    searched |= {"C_INCLUDE_PATH": "local/include", "CPLUS_INCLUDE_PATH": "include", "CMAKE_PREFIX_PATH": "local"}
    poison = Poison(
        usr=tmp_path_factory.mktemp("poison") / "usr",
        environ={name: f"/usr/{place}" for name, place in searched.items()},
    )
    for name in headers_of(debian_arm64):
        for place in ("include", f"include/{multiarch}", "local/include"):
            poison.lay(f"{place}/{name}", HEADER)
    for place in libraries:
        for library in ("z", "m", "trap", "answer", "python3.11"):
            poison.lay(f"{place}/lib{library}.so", "a trap of the build machine")
            poison.lay(f"{place}/lib{library}.a", "a trap of the build machine")
        for package in ("ZLIB", "Python", "Python3"):
            poison.lay(f"{place}/cmake/{package}/{package}Config.cmake", PACKAGE)
    for place in (*libraries, "share", "local/share"):
        for module in ("zlib", "python3", "python-3.11", "trap"):
            poison.lay(f"{place}/pkgconfig/{module}.pc", MODULE)
    for place in ("share", "etc", "local/share", "local/etc"):
        poison.lay(f"{place}/config.site", SITE)
    for program in PROGRAMS:
        poison.lay(f"local/bin/{program}", PROGRAM, mode=0o755)
        poison.lay(f"bin/{program}", PROGRAM, mode=0o755)
    return poison


def headers_of(host: HostRoot) -> Iterator[str]:
    """Yield the headers of the host's libraries and of its Python, and some of the C++ library."""
    include = host.root / "usr/include"
    yield from (path.name for path in include.glob("*.h"))
    yield from (f"python3.11/{path.name}" for path in (include / "python3.11").glob("*.h"))
    yield from (path.name for path in (include / "python3.11").glob("*.h"))
    yield from ("bits/types.h", "sys/types.h", "string", "stdexcept", "iostream", "answer.h")


def test_the_traps_catch_who_looks_there(poison: Poison, gnu_aarch64: Path) -> None:
    compiler = str(gnu_aarch64 / "aarch64-linux-gnu-gcc")
    command = [*poison.within, compiler, "-E", "-xc", "-"]
    done = subprocess.run(command, input="#include <zlib.h>\n", capture_output=True, text=True, check=False)
    assert "trap" in done.stderr
    asked = subprocess.run(
        [*poison.within, "sh", "-c", "pkg-config --libs zlib; xml2-config"],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.count("-ltrap") == 2


@pytest.mark.parametrize("toolchain", alone(["zig", "gnu"], quick=["gnu"]))
def test_a_poisoned_machine_builds_the_same_wheels(
    toolchain: str,
    poison: Poison,
    crossbuild: Crossbuild,
    debian_arm64: HostRoot,
    gnu_aarch64: Path,
    tmp_path: Path,
) -> None:
    projects = [copy_project(name, tmp_path / name) for name in SAMPLES]
    wheels = tmp_path / "wheels"
    command: list[str | Path] = ["wheel", *projects, "--toolchain", toolchain, "-w", wheels]
    built = []
    for within, environ in (((), {}), (poison.within, poison.environ)):
        compilers = gnu_aarch64 if toolchain == "gnu" else None
        done = crossbuild(*command, host=debian_arm64, compilers=compilers, within=within, environ=environ)
        assert done.returncode == 0, done.stderr
        built.append({path.name: path.read_bytes() for path in wheels.iterdir()})
        shutil.rmtree(wheels)
    clean, poisoned = built
    assert len(clean) == len(SAMPLES)
    assert [name for name in clean if clean[name] != poisoned.get(name)] == []
