"""How the host's programs are started: which files, on which CPU, by which command; and where nothing can be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from crossbuild.emulation import namespace
from crossbuild.emulation.emulator import Loader, Qemu
from crossbuild.emulation.level import NO_EMULATION, Emulation
from crossbuild.emulation.private_namespace import DELIMITER
from crossbuild.native.host_runner import runner_variables, write_host_runner
from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.runtimes import loader as loaders
from tests.unit.wheel_samples import make_elf, make_host

ALIKE = ({"armv5tel", "armv6l", "armv7l"},)
"""Machines whose files begin in the same way."""
GNU, SYSTEM_V = 3, 0
RELOCATABLE, EXECUTABLE, SHARED, CORE = 1, 2, 3, 4


def emulator(architecture: str = "aarch64", *, qemu: str = "/own/qemu", root: Path = Path("/root")) -> Qemu:
    return Qemu(program=Path(qemu), source="qemu of ours", architecture=ARCHITECTURES[architecture], root=root)


class Rule:
    """What the kernel is told to start by an emulator, read as it does that (Documentation/admin-guide/binfmt-misc)."""

    def __init__(self, architecture: str) -> None:
        *_, text, _, _ = namespace.in_namespace(emulator(architecture))
        delimiter = text[0]
        _, self.name, self.kind, self.offset, magic, mask, self.program, self.flags = text.split(delimiter)
        self.magic, self.mask = (part.encode().decode("unicode_escape").encode("latin-1") for part in (magic, mask))

    def takes(self, content: bytes) -> bool:
        together = zip(content, self.magic, self.mask, strict=False)
        return len(content) >= len(self.magic) and all((byte ^ wanted) & mask == 0 for byte, wanted, mask in together)


def header(architecture: str, *, kind: int = SHARED, system: int = SYSTEM_V) -> bytes:
    content = bytearray(make_elf(architecture))
    content[7] = system
    content[16:18] = kind.to_bytes(2, ARCHITECTURES[architecture].endian)
    return bytes(content)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_kernel_takes_programs_of_one_machine(architecture: str) -> None:
    rule = Rule(architecture)
    alike = next((group for group in ALIKE if architecture in group), {architecture})
    assert {other for other in ARCHITECTURES if rule.takes(make_elf(other))} == alike
    assert rule.takes(Path(sys.executable).read_bytes()[:64]) == (os.uname().machine in alike)
    assert not rule.takes(b"#!/bin/sh\n" + bytes(64))
    assert not rule.takes(header(architecture)[:10])


@pytest.mark.parametrize(
    ("kind", "taken"), [(RELOCATABLE, False), (EXECUTABLE, True), (SHARED, True), (CORE, False), (0x0200, False)]
)
@pytest.mark.parametrize("architecture", ["aarch64", "s390x"])
def test_the_kernel_takes_what_can_be_executed(architecture: str, *, kind: int, taken: bool) -> None:
    assert Rule(architecture).takes(header(architecture, kind=kind)) is taken


def test_who_made_a_program_is_all_the_same() -> None:
    assert Rule("armv7l").takes(header("armv7l", kind=EXECUTABLE, system=GNU))


def test_the_kernel_opens_the_emulator_at_once() -> None:
    """So that it is found in every root, and the program may be one that only its user can read."""
    rule = Rule("riscv64")
    assert (rule.kind, rule.offset, rule.program, set(rule.flags)) == ("M", "", "/own/qemu", {*"OCF"})
    assert rule.name.isalnum()
    assert len(rule.magic) == len(rule.mask)


@pytest.mark.parametrize(
    ("release", "settings", "told"),
    [
        ("6.6.9-arch1", {}, "Linux 6.7 or newer"),
        ("6.12.0", {"kernel/apparmor_restrict_unprivileged_userns": "1\n"}, "apparmor_restrict_unprivileged_userns=0"),
        ("6.12.0", {"user/max_user_namespaces": "0\n"}, "user.max_user_namespaces=10000"),
        ("6.12.0", {"user/max_user_namespaces": "90\n"}, "--security-opt"),
        ("7.0", {}, "--security-opt"),
    ],
)
def test_what_to_do_about_an_obstacle(tmp_path: Path, release: str, settings: dict[str, str], told: str) -> None:
    for name, value in settings.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(value)
    assert told in namespace.remedy(tmp_path, release)


@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES.keys() - {"loongarch64"}))
def test_the_emulated_cpu_is_the_oldest(architecture: str) -> None:
    variables = emulator(architecture).variables
    assert variables["QEMU_LD_PREFIX"] == "/root"
    model, *features = variables["QEMU_CPU"].split(",")
    assert model not in {"max", "any", "host"}
    assert [feature for feature in features if not feature.endswith("=off")] == []


def test_what_is_emulated_is_told_with_the_reason() -> None:
    emulation = Emulation(emulator=emulator(), why="gen")
    assert emulation.level == "programs"
    assert emulation.facts == {"level": "programs", "by": "qemu of ours", "why": "gen"}
    assert (NO_EMULATION.level, NO_EMULATION.facts) == ("none", {})


def test_only_a_higher_level_is_taken() -> None:
    more = Emulation(emulator=emulator(), python=Path("/root/usr/bin/python3.11"))
    first = Emulation(higher=lambda *_: more)
    second = Emulation(emulator=emulator(), higher=lambda *_: more)
    assert [first.raised(level, "x") is more for level in ("none", "programs", "python")] == [False, True, True]
    assert [second.raised(level, "x") is more for level in ("none", "programs", "python")] == [False, False, True]
    assert more.level == "python"


def test_hooks_run_where_the_kernel_starts_programs_if_it_can() -> None:
    assert Emulation(emulator=emulator()).before == namespace.in_namespace(emulator())
    assert Emulation(emulator=emulator(), obstacle="unshare: Operation not permitted").before == ()
    assert NO_EMULATION.before == ()
    assert NO_EMULATION.raised("python", "gen") is None


def loader(missing: dict[str, Path], *, is_32_bit: bool = False) -> Loader:
    program = Path("/root/lib/ld-linux.so.2")
    return Loader(program=program, libraries=(Path("/root/lib"),), missing=missing, is_32_bit=is_32_bit)


def test_a_cpu_that_runs_them_needs_a_namespace_only_if_their_loader_is_missing() -> None:
    assert namespace.in_namespace(loader({})) == ()
    *_, rule, added, _ = namespace.in_namespace(loader({"/lib/ld-linux.so.2": Path("/root/lib/ld-linux.so.2")}))
    assert (rule, added.split(DELIMITER)) == ("", ["/lib/ld-linux.so.2", "/root/lib/ld-linux.so.2"])


def test_programs_for_32_bits_hear_of_a_cpu_of_their_kind() -> None:
    told = [
        subprocess.run([*namespace.in_namespace(one), "/bin/uname", "-m"], check=True, capture_output=True, text=True)
        for one in (loader({}), loader({}, is_32_bit=True))
    ]
    own = os.uname().machine
    of_32_bits = {"x86_64": "i686", "aarch64": "armv8l"}.get(own, own)
    assert [done.stdout for done in told] == [f"{own}\n", f"{of_32_bits}\n"]


def test_the_loader_of_a_root_starts_its_python_with_its_libraries() -> None:
    emulation = Emulation(emulator=loader({}), python=Path("/root/usr/bin/python3.11"), why="gen")
    assert emulation.before_python == ("/root/lib/ld-linux.so.2", "--library-path", "/root/lib")
    assert Emulation(emulator=emulator(), python=emulation.python).before_python == ()


def test_a_python_of_this_machine_takes_no_emulator() -> None:
    emulation = Emulation(python=Path("/opt/bin/python3.13"), why="gen")
    assert (emulation.level, emulation.before, emulation.before_python) == ("python", (), ())
    assert emulation.facts == {"level": "python", "by": "this machine's kernel", "why": "gen"}


def make_root(directory: Path, files: dict[str, str]) -> Path:
    """Make a root with loaders, each for an architecture."""
    for name, architecture in files.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(make_elf(architecture))
        file.chmod(0o755)
    return directory


@pytest.fixture
def everything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaders, "_starts", lambda _: True)
    monkeypatch.setattr("os.uname", lambda: SimpleNamespace(machine="x86_64"))


@pytest.mark.usefixtures("everything_starts")
@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("linux_i686", "lib/ld-linux.so.2"),
        ("linux_x86_64", "lib64/ld-linux-x86-64.so.2"),
        ("musllinux_1_2_x86_64", "lib/ld-musl-x86_64.so.1"),
        ("linux_aarch64", None),
        ("musllinux_1_2_i686", None),
    ],
)
def test_a_root_has_loaders_for_what_this_cpu_runs(tmp_path: Path, tag: str, found: str | None) -> None:
    root = make_root(
        tmp_path,
        {
            "lib/ld-linux.so.2": "i686",
            "lib/ld-musl-x86_64.so.1": "x86_64",
            "lib/ld-linux-aarch64.so.1": "aarch64",
            "lib64/ld-linux-x86-64.so.2": "x86_64",
        },
    )
    loader = loaders.find_loader(root, make_host(tag).platform)
    assert (loader and loader.program) == (found and root / found)


@pytest.mark.usefixtures("everything_starts")
def test_what_this_machine_has_is_not_replaced(tmp_path: Path) -> None:
    own = next(Path("/lib").glob("*.so*"), None) or next(Path("/lib").iterdir())
    root = make_root(tmp_path, {"lib/ld-own.so.9": "i686", "usr/lib/i386-linux-gnu/libc.so.6": "i686"})
    (root / "lib" / own.name).touch()
    loader = loaders.find_loader(root, make_host("linux_i686").platform)
    assert loader is not None
    assert loader.missing["/lib/ld-own.so.9"] == root / "lib/ld-own.so.9"
    assert all(not Path(path).exists() for path in loader.missing)


def test_what_this_machine_does_not_start_needs_an_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some kernels have no code for 32 bits."""
    monkeypatch.setattr("os.uname", lambda: SimpleNamespace(machine="x86_64"))
    root = make_root(tmp_path, {"lib/ld-linux.so.2": "i686"})
    (root / "lib/ld-linux.so.2").chmod(0o644)
    assert loaders.find_loader(root, make_host("linux_i686").platform) is None


def test_tools_start_programs_by_the_emulator(tmp_path: Path) -> None:
    qemu = tmp_path / "it is qemu"
    qemu.write_text('#!/bin/sh\nprintf "%s|" "$QEMU_CPU" "$QEMU_LD_PREFIX" "$@"\n')
    qemu.chmod(0o755)
    runner = write_host_runner(tmp_path, emulator(qemu=str(qemu), root=tmp_path / "a root"))
    done = subprocess.run([runner, "./gen", "two words", ""], env={}, capture_output=True, text=True, check=True)
    assert done.stdout == f"cortex-a53|{tmp_path / 'a root'}|./gen|two words||"


def test_a_script_runs_as_it_is_where_programs_are_started_by_the_emulator(tmp_path: Path) -> None:
    script = tmp_path / "a test"
    script.write_text('#! /bin/sh\necho "$#" "$@"\n')
    script.chmod(0o755)
    runner = write_host_runner(tmp_path, emulator(qemu="/absent/qemu"))
    done = subprocess.run([runner, script, "two words"], capture_output=True, text=True, check=True)
    assert done.stdout == "1 two words\n"


@pytest.mark.parametrize(
    ("tag", "variable"),
    [
        ("linux_aarch64", "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER"),
        ("linux_armv7l", "CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_RUNNER"),
        ("linux_riscv64", "CARGO_TARGET_RISCV64GC_UNKNOWN_LINUX_GNU_RUNNER"),
    ],
)
def test_cargo_and_automake_are_told_of_it(tag: str, variable: str) -> None:
    told = runner_variables(Path("/own/run-on-host"), make_host(tag))
    assert told == {variable: "/own/run-on-host", "LOG_COMPILER": "/own/run-on-host"}
