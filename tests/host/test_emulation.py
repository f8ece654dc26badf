"""Builds that run what they make for the host: each way to do so, with the host's programs emulated, and without."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.emulation.emulator import Qemu
from crossbuild.emulation.namespace import in_namespace
from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.platforms.qemu import find_qemu
from crossbuild.provenance.statement import Statement, statement_file
from tests.breadth import alone, cases
from tests.commands import copy_project
from tests.host.building import Builder, assert_on_host
from tests.host.ssh_server import ssh_server
from tests.host.test_samples import facts_on
from tests.testbed.needs import NEEDS, check, not_run_here

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.commands import Crossbuild

pytestmark = pytest.mark.host

HOSTS = {
    "arm64": ("debian_arm64", "gnu_aarch64"),
    "armhf": ("debian_armhf", "gnu_armhf"),
    "riscv64": ("trixie_riscv64", "gnu_riscv64"),
    "s390x": ("debian_s390x", ""),
    "i386": ("debian_i386", ""),
}
"""The fixtures of each host and of GNU's compilers for it; zig compiles where there are none."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project below ``tests/packages/emulated``, and what its build says if nothing can run its programs."""

    says: tuple[str, ...]
    """Patterns of that."""
    asks: str = ""
    """Python code that fails on the host if the module ``m`` lacks an answer that the others have not, either."""
    succeeds: bool = False
    """Whether it is built nevertheless."""
    by_itself: bool = True
    """Whether it starts programs by itself, not by a tool that has a setting for that."""


_SVE, _VECTORS_OF_RISCV = 1 << 22, 1 << 21
"""Bits of the auxiliary vector's AT_HWCAP (the kernel's asm/hwcap.h): for what not every CPU of a machine has."""
_OLD_CPU = (
    f"assert m.features and not m.features & {{'aarch64': {_SVE}, 'riscv64': {_VECTORS_OF_RISCV}}}.get(m.machine, 0)"
)
_LENGTH = "assert m.length == len(m.machine), m.length"
PROJECTS = {
    "autoconf-run": Project(says=(r"hint: A configure script would run(.|\n)*--emulate programs",)),
    "make-check": Project(says=(r"hint: The build ran tests,(.|\n)*--emulate programs",)),
    "cmake-run": Project(
        says=(r"hint: CMake would .*LENGTH_OF_MACHINE(.|\n)*--emulate programs",), asks=_LENGTH, by_itself=False
    ),
    "meson-run": Project(says=(r"hint: Meson would run(.|\n)*--emulate programs",), asks=_LENGTH, by_itself=False),
    "cargo-run": Project(says=(r"hint: The build ran probe,(.|\n)*--emulate programs",)),
    "setup-run": Project(says=(r"warning: (.|\n)*\bprobe\b(.|\n)*setup\.py",), succeeds=True, asks=_OLD_CPU),
}
_CHECK = """
import {module} as m, struct, sys
told = (m.machine, m.pointer, m.little)
assert told == ({machine!r}, struct.calcsize("P"), int(sys.byteorder == "little")), told
"""


@pytest.fixture
def on(request: pytest.FixtureRequest, crossbuild: Crossbuild) -> Callable[[str, str], Builder]:
    """What builds a project for a host of :data:`HOSTS`."""

    def make(host: str, project: str) -> Builder:
        fixture, compilers = HOSTS[host]
        builder = Builder(
            crossbuild=crossbuild,
            host=request.getfixturevalue(fixture),
            release="",
            compilers=request.getfixturevalue(compilers) if compilers else None,
        )
        return builder.with_rust(request.getfixturevalue("rust")) if project.startswith("cargo") else builder

    return make


def build(
    builder: Builder, name: str, directory: Path, *options: str, within: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    project = copy_project(f"emulated/{name}", directory / name)
    return builder(project, "--no-deps", "--json", *options, into=directory / "wheels", within=within)


def need_namespace(name: str) -> None:
    """End the test if the project ``name`` cannot run its programs on this machine."""
    if PROJECTS[name].by_itself:
        check("a private binfmt_misc")


def emulation(done: subprocess.CompletedProcess[str]) -> dict[str, Any] | None:
    """Return what the output in JSON says of it."""
    assert done.returncode == 0, done.stderr
    (wheel,) = json.loads(done.stdout)["wheels"]
    facts: dict[str, Any] | None = wheel["emulation"]
    return facts


def assert_true_answers(builder: Builder, name: str, directory: Path) -> None:
    """Assert that the wheel of the project ``name`` has the host's answers."""
    (wheel,) = (directory / "wheels").glob("*.whl")
    check = _CHECK.format(module=name.replace("-", "_"), machine=builder.host.architecture) + PROJECTS[name].asks
    assert_on_host(builder.host, check, wheel, directory / "site")


RUST_HAS = ("arm64", "armhf", "riscv64")
"""The hosts for which the tests have Rust's standard library."""


@pytest.mark.parametrize(
    ("name", "host"),
    cases(
        ((name, host) for name in PROJECTS for host in HOSTS if name != "cargo-run" or host in RUST_HAS),
        quick=[*((name, "arm64") for name in PROJECTS), ("setup-run", "i386")],
    ),
)
def test_programs_are_emulated(name: str, host: str, on: Callable[[str, str], Builder], tmp_path: Path) -> None:
    need_namespace(name)
    builder = on(host, name)
    done = build(builder, name, tmp_path, "--emulate", "programs")
    facts = emulation(done)
    assert facts is not None
    assert (facts["level"], facts["why"]) == ("programs", "--emulate programs")
    needs_emulator = (host, os.uname().machine) != ("i386", "x86_64")
    assert ("qemu" in facts["by"]) is needs_emulator
    assert ("warning: " in done.stderr) == bool(NEEDS["a private binfmt_misc"]())
    assert_true_answers(builder, name, tmp_path)


@pytest.mark.parametrize("name", alone(PROJECTS, quick=["autoconf-run", "setup-run"]))
def test_nothing_is_emulated_that_must_not_be(name: str, on: Callable[[str, str], Builder], tmp_path: Path) -> None:
    done = build(on("arm64", name), name, tmp_path, "--emulate", "never")
    project = PROJECTS[name]
    assert [said for said in project.says if not re.search(said, done.stderr)] == [], done.stderr
    if project.succeeds:
        assert emulation(done) is None
    else:
        assert done.returncode == 7, done.stderr
        assert not list((tmp_path / "wheels").glob("*"))


@pytest.mark.parametrize("name", alone(PROJECTS, quick=["meson-run", "setup-run"]))
def test_what_turns_out_to_need_it_is_built_again(name: str, on: Callable[[str, str], Builder], tmp_path: Path) -> None:
    """Whether the build failed, or went on without an answer."""
    need_namespace(name)
    builder = on("arm64", name)
    at_hand = replace(builder.crossbuild, programs=(builder.host.emulator.parent, *builder.crossbuild.programs))
    done = build(replace(builder, crossbuild=at_hand), name, tmp_path, "--emulate", "auto")
    facts = emulation(done)
    assert facts is not None
    assert (facts["level"], facts["by"]) == ("programs", str(builder.host.emulator))
    assert facts["why"] in done.stderr
    assert "It needs " in done.stderr
    assert_true_answers(builder, name, tmp_path)


@pytest.mark.needs("an ssh client")
@pytest.mark.needs("a private binfmt_misc")
@pytest.mark.parametrize("name", alone(PROJECTS, quick=["autoconf-run", "meson-run"]))
def test_a_device_runs_the_programs(name: str, on: Callable[[str, str], Builder], tmp_path: Path) -> None:
    """The device is a server on loopback, which has an emulator of its own."""
    builder = on("arm64", name)
    host, place = builder.host, tmp_path / "device"
    place.mkdir()
    cpu = Qemu(program=host.emulator, source="", architecture=ARCHITECTURES["aarch64"], root=host.root)
    environ = {**cpu.variables, "TMPDIR": str(place)}
    with ssh_server(tmp_path, before=in_namespace(cpu), environ=environ) as programs:
        client = replace(builder.crossbuild, programs=(programs, *builder.crossbuild.programs))
        options = ("--emulate", "programs", "--runner", "ssh://board")
        done = build(replace(builder, crossbuild=client), name, tmp_path, *options)
    facts = emulation(done)
    assert facts is not None
    assert (facts["level"], facts["by"]) == ("programs", "board")
    assert_true_answers(builder, name, tmp_path)
    assert list(place.iterdir()) == []


IN_PYTHON = {
    "imports-itself": "import keytable.table as t; assert t.keys == {'KEY_A': 30, 'KEY_B': 48}, t.keys",
    "loads-itself": "import measured.number as n; assert n.number == 42, n.number",
    "word-sizes": (
        "import struct, wordy as w; size = struct.calcsize('P'); "
        "assert (w.long_size, w.pointer_size, w.long_bits, w.wide) == (size, size, 8 * size, int(size == 8))"
    ),
    "stubgen-post-build": "import stubbed",
}
"""Projects below ``tests/packages/reports`` whose Python code asks, imports or loads what is for the host."""


@pytest.mark.parametrize(
    ("name", "host"),
    cases(
        ((name, host) for name in IN_PYTHON for host in HOSTS),
        quick=[("imports-itself", "arm64"), ("word-sizes", "armhf")],
    ),
)
def test_the_hosts_python_runs_the_build(
    name: str, host: str, on: Callable[[str, str], Builder], tmp_path: Path
) -> None:
    builder = on(host, name)
    project = copy_project(f"reports/{name}", tmp_path / name)
    done = builder(project, "--no-deps", "--json", "--emulate", "python", "--provenance", into=tmp_path / "wheels")
    facts = emulation(done)
    assert facts is not None
    assert facts["level"] == "python"
    assert re.search(r"The host's Python took \d+ s of processor time", done.stderr)
    assert "is for the host, on this machine" not in done.stderr
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    assert Statement.from_file(statement_file(wheel)).internal["emulation"] == facts
    assert_on_host(builder.host, IN_PYTHON[name], wheel, tmp_path / "site")


NO_NAMESPACES = 'echo 0 >/proc/sys/user/max_user_namespaces || exit; exec "$@"'
WITHOUT_NAMESPACES = ("unshare", "--user", "--map-root-user", "sh", "-c", NO_NAMESPACES, "sh")
"""The beginning of a command that runs where nothing can be mounted."""


@pytest.mark.needs("user namespaces")
@pytest.mark.parametrize("name", ["cmake-run", "meson-run"])
def test_tools_start_programs_where_the_kernel_does_not(
    name: str, on: Callable[[str, str], Builder], tmp_path: Path
) -> None:
    builder = on("arm64", name)
    done = build(builder, name, tmp_path, "--emulate", "programs", within=WITHOUT_NAMESPACES)
    facts = emulation(done)
    assert facts is not None
    assert facts["level"] == "programs"
    assert re.search(r"warning: The kernel does not start .*unshare(.|\n)*run-on-host", done.stderr)
    assert_true_answers(builder, name, tmp_path)


@pytest.mark.needs("user namespaces")
def test_what_no_tool_starts_is_named_where_the_kernel_does_not(
    on: Callable[[str, str], Builder], tmp_path: Path
) -> None:
    builder = on("arm64", "make-check")
    done = build(builder, "make-check", tmp_path, "--emulate", "programs", within=WITHOUT_NAMESPACES)
    assert done.returncode == 7, done.stderr
    assert re.search(r"warning: .*\brun-on-host\b(.|\n)*hint: The build ran tests,", done.stderr), done.stderr
    project = tmp_path / "make-check"
    for name in ("Makefile", "wrapped"):
        file = project / "library" / name
        file.write_text(re.sub(r"^(\t|exec )\./tests", r"\1run-on-host ./tests", file.read_text(), flags=re.MULTILINE))
    done = builder(project, "--no-deps", "--emulate", "programs", into=tmp_path / "wheels", within=WITHOUT_NAMESPACES)
    assert done.returncode == 0, done.stderr
    assert_true_answers(builder, "make-check", tmp_path)


@pytest.mark.matrix
@pytest.mark.needs("a private binfmt_misc")
def test_configure_scripts_do_not_guess_what_they_can_try(on: Callable[[str, str], Builder], tmp_path: Path) -> None:
    builder = on("arm64", "")
    project = copy_project("setuptools-autotools", tmp_path / "setuptools-autotools")
    told = {}
    for emulate in ("never", "programs"):
        wheel = builder.wheel(project, "--emulate", emulate, into=tmp_path / emulate)
        told[emulate] = facts_on(builder.host, wheel, tmp_path / f"site-{emulate}")["arithmetic_shift"]
    assert told == {"never": "guessed", "programs": "yes"}


def test_what_needs_nothing_is_not_emulated(on: Callable[[str, str], Builder], tmp_path: Path) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    done = on("arm64", "")(project, "--no-deps", "--json", "--emulate", "auto", into=tmp_path / "wheels")
    assert emulation(done) is None
    assert "It needs " not in done.stderr


def test_no_emulator_is_downloaded_unless_asked_for(on: Callable[[str, str], Builder], tmp_path: Path) -> None:
    builder = on("arm64", "make-check")
    if own := find_qemu(ARCHITECTURES["aarch64"], builder.crossbuild.bed.environ):
        raise not_run_here("a machine without qemu-user", own)
    empty = {"CROSSBUILD_CACHE_DIR": str(tmp_path / "cache")}
    project = copy_project("emulated/make-check", tmp_path / "project")
    done = builder(project, "--no-deps", "--emulate", "auto", into=tmp_path / "wheels", environ=empty)
    assert done.returncode == 7, done.stderr
    assert re.search(PROJECTS["make-check"].says[0], done.stderr), done.stderr
    assert "qemu" not in done.stderr
    assert not list((tmp_path / "cache").rglob("qemu-*"))
