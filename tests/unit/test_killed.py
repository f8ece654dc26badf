"""What is said of programs that a signal ended. The texts are what the tools printed, shortened."""

from __future__ import annotations

from signal import Signals
from typing import TYPE_CHECKING

import pytest

from crossbuild.system.killed import Killed, killed_in, killed_lines, oom_kills, signal_of

if TYPE_CHECKING:
    from pathlib import Path

GCC = "aarch64-linux-gnu-g++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\n"
OLDER_GCC = "g++: internal compiler error: Killed (program cc1plus)\nPlease submit a full bug report,\n"
CRASHED_GCC = "gcc: internal compiler error: Segmentation fault signal terminated program cc1\n"
LD = "collect2: fatal error: ld terminated with signal 9 [Killed]\n"
ICE = "m.c:3:2: internal compiler error: Segmentation fault\n"
CLANG = "clang: error: unable to execute command: Killed\n"
MAKE = "make[2]: *** [Makefile:3: m.o] Killed\n"
MAKE_137 = "make: *** [m.o] Error 137\n"
DASH = "Segmentation fault (core dumped)\n"
BASH = "build.sh: line 3:  4711 Illegal instruction     ./generate thing.h\n"
SUBPROCESS = "subprocess.CalledProcessError: Command '['/usr/bin/moc', 'a.h']' died with <Signals.SIGABRT: 6>.\n"
SHELL = "subprocess.CalledProcessError: Command 'cython a.pyx' returned non-zero exit status 139.\n"
CARGO = "  process didn't exit successfully: `/x/bin/rustc --crate-name a` (signal: 9, SIGKILL: kill)\n"
DISTUTILS = "error: command '/x/bin/gcc' failed with exit code -7\n"
DISTUTILS_137 = "error: command '/x/bin/gcc' failed with exit code 137\n"
NINJA = "FAILED: [code=137] a.o \n"
UV = "  cause: Call to `mesonpy.build_wheel` failed (signal: 11 (SIGSEGV))\n"


@pytest.mark.parametrize(
    ("output", "program", "signal"),
    [
        (GCC, "cc1plus", "SIGKILL"),
        (OLDER_GCC, "cc1plus", "SIGKILL"),
        (CRASHED_GCC, "cc1", "SIGSEGV"),
        (LD, "ld", "SIGKILL"),
        (ICE, "", "SIGSEGV"),
        (CLANG, "clang", "SIGKILL"),
        (MAKE, "", "SIGKILL"),
        (MAKE_137, "", "SIGKILL"),
        (DASH, "", "SIGSEGV"),
        (BASH, "generate", "SIGILL"),
        (SUBPROCESS, "moc", "SIGABRT"),
        (SHELL, "cython a.pyx", "SIGSEGV"),
        (CARGO, "rustc", "SIGKILL"),
        (DISTUTILS, "gcc", "SIGBUS"),
        (DISTUTILS_137, "gcc", "SIGKILL"),
        (NINJA, "", "SIGKILL"),
        (UV, "mesonpy.build_wheel", "SIGSEGV"),
        (GCC + MAKE_137 + DISTUTILS.replace("-7", "1"), "cc1plus", "SIGKILL"),
        (f"\x1b[1m{MAKE}", "", "SIGKILL"),
    ],
)
def test_programs_that_were_killed(output: str, program: str, signal: str) -> None:
    assert killed_in(f"before\n{output}after\n") == (Killed(program=program, signal=Signals[signal]),)


@pytest.mark.parametrize(
    "output",
    [
        "make: *** [m.o] Error 1\n",
        "error: command '/x/bin/gcc' failed with exit code 1\n",
        "Killed 3 of 4 mutants\n",
        "checking for a Segmentation fault... no\n",
        "subprocess.CalledProcessError: Command 'x' returned non-zero exit status 127.\n",
        "FAILED: [code=1] a.o\n",
    ],
)
def test_programs_that_ended_by_themselves(output: str) -> None:
    assert killed_in(output) == ()
    assert killed_lines(output, status=1) == ()


def test_memory() -> None:
    (likely, fix), (sure, _) = killed_lines(GCC), killed_lines(GCC, out_of_memory=True)
    assert likely == "cc1plus was killed by SIGKILL, most likely since memory ran out."
    assert sure == "cc1plus was killed by SIGKILL: this machine ran out of memory."
    assert fix == "Build with fewer jobs (-j 1), or give this machine more memory or swap."
    assert killed_lines("", status=-9) == ("Most likely memory ran out.", fix)
    assert killed_lines("", status=-9, out_of_memory=True) == ("This machine ran out of memory.", fix)
    assert killed_lines("it failed\n", status=1, out_of_memory=True) == (
        "This machine ran out of memory meanwhile.",
        fix,
    )
    for text in (
        "cc1plus: out of memory allocating 65536 bytes after a total of 1 byte",
        "MemoryError",
        "LLVM ERROR: out of memory",
    ):
        assert killed_lines(f"{text}\n", status=1) == ("The build ran out of memory.", fix)
    assert killed_lines("undefined reference to `std::bad_alloc::what()'\n") == ()


@pytest.mark.parametrize(
    "said",
    [
        "a.c:9:1: fatal error: error writing to /tmp/ccAbCdEf.s: No space left on device",
        "OSError: [Errno 122] Disk quota exceeded: 'build/a.o'",
    ],
)
def test_a_full_disk(said: str) -> None:
    (line,) = killed_lines(f"{said}\n", status=1)
    assert line.startswith("A disk is full. Make room, for example with `crossbuild cache clear`, or set TMPDIR")


def test_crashes() -> None:
    assert killed_lines(CRASHED_GCC)[0] == "cc1 was killed by SIGSEGV (segmentation fault)."
    assert "A compiled module that it imported crashed." in killed_lines("", status=-11)[0]


@pytest.mark.parametrize(
    ("status", "name"), [(-9, "SIGKILL"), (139, "SIGSEGV"), (1, None), (0, None), (128, None), (-200, None)]
)
def test_statuses(status: int, name: str | None) -> None:
    assert signal_of(status) == (Signals[name] if name else None)


def test_what_the_kernel_killed(tmp_path: Path) -> None:
    proc, groups = tmp_path / "proc", tmp_path / "cgroup"
    assert oom_kills(proc, groups) == 0, "nothing is mounted"
    for file, text in {"vmstat": "nr_free 1\noom_kill 3\n", "self/cgroup": "0::/user/own\n"}.items():
        (proc / file).parent.mkdir(parents=True, exist_ok=True)
        (proc / file).write_text(text)
    assert oom_kills(proc, groups) == 3, "of the machine"
    (groups / "user/own").mkdir(parents=True)
    (groups / "user/own/memory.events").write_text("low 0\noom 2\noom_kill 1\noom_group_kill 0\n")
    assert oom_kills(proc, groups) == 1, "of the group"
