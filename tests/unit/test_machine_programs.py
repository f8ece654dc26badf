"""``uname``, ``arch`` and ``getconf`` on the cross PATH: who asks decides which machine is meant."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crossbuild.native.uname import write_machine_programs
from tests.unit.wheel_samples import make_host

OWN = os.uname().machine
HOST = "armv7l" if OWN != "armv7l" else "aarch64"
PYTHON = Path(sys.executable).resolve()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH with the programs, and with a ``make`` that is a shell: it is the name that counts."""
    directory = tmp_path / "host-bin"
    directory.mkdir()
    write_machine_programs(directory, make_host(f"manylinux_2_31_{HOST}"), path="/usr/bin:/bin", python=PYTHON)
    shell = shutil.which("sh", path="/usr/bin:/bin")
    assert shell
    shutil.copy(shell, directory / "make")
    return directory


def ask(programs: Path, *command: str) -> str:
    environ = {"PATH": f"{programs}:/usr/bin:/bin"}
    return subprocess.run(command, env=environ, cwd=programs, capture_output=True, text=True, check=True).stdout.strip()


def script(programs: Path, text: str) -> str:
    (programs / "script").write_text(text + "\n:\n")
    return "script"


def test_makefiles_mean_the_host(programs: Path) -> None:
    asked = "uname -m; sh -c 'uname -m; :'; uname -a; arch"
    first, second, everything, third = ask(programs, "./make", script(programs, asked)).splitlines()
    assert first == second == third == HOST
    assert HOST in everything.split()
    assert OWN not in everything.split()


def test_a_shell_with_options_runs_a_command_for_whoever_started_it(programs: Path) -> None:
    """Such options are what makefiles set as .SHELLFLAGS; a script with options is still a script."""
    (programs / "configure").write_text("uname -m; :\n")
    asked = (
        "sh -ec 'uname -m; :'; sh -eu -o errexit -c 'uname -m; :'; sh -e ./configure; sh -c './none -c; uname -m; :'"
    )
    assert ask(programs, "./make", script(programs, asked)).split() == [HOST, HOST, OWN, HOST]


def test_getconf_knows_the_sizes_and_the_c_library_of_the_host(programs: Path) -> None:
    if not (programs / "getconf").exists():
        assert not shutil.which("getconf", path="/usr/bin:/bin")
        return
    asked = "getconf LONG_BIT; getconf ULONG_MAX; getconf GNU_LIBC_VERSION; getconf _NPROCESSORS_ONLN"
    bits, largest, libc, processors = ask(programs, "./make", script(programs, asked)).splitlines()
    assert (bits, libc) == ("32" if HOST == "armv7l" else "64", "glibc 2.31")
    assert int(largest) == 2 ** int(bits) - 1
    assert int(processors) >= 1


def test_python_code_means_the_host(programs: Path) -> None:
    code = "import subprocess as s; print(s.getoutput('uname -m'), s.check_output(['uname', '-m'], text=True))"
    assert ask(programs, str(PYTHON), "-I", "-S", "-c", code).split() == [HOST, HOST]


def test_whoever_asks_where_it_runs_hears_the_truth(programs: Path) -> None:
    """A configure script below ``make`` runs config.guess, for which this machine is the build machine."""
    (programs / "config.guess").write_text("#!/bin/sh\nuname -m\n(uname -m) 2>/dev/null || :\n")
    told = ask(programs, "./make", script(programs, "sh ./config.guess; uname -s"))
    assert told.splitlines() == [OWN, OWN, "Linux"]
    assert ask(programs, "sh", script(programs, "uname -m")) == OWN


def test_only_what_the_build_machine_has_is_there(tmp_path: Path) -> None:
    write_machine_programs(tmp_path, make_host(f"linux_{HOST}"), path=str(tmp_path / "empty"), python=PYTHON)
    assert list(tmp_path.iterdir()) == []
