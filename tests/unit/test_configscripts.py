"""``…-config`` programs on the cross PATH, run: the sysroot's answer with its own paths, all others not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crossbuild.native.configscripts import read_absent_programs, write_config_scripts
from crossbuild.toolchain.compile_record import RECORD_VARIABLE

SCRIPT = """\
prefix=/usr
case $1 in
    --cflags) echo "-I$prefix/include/libone -DDIRECTORY=/usr/share/none" ;;
    --libs) echo "-L$prefix/lib/multi -Wl,-rpath,/usr/lib/multi -Wl,-rpath-link=/usr/lib/multi -lone" ;;
    --all) printf 'INCLUDEDIR = %s\\nPATHS = /usr/lib/multi:/usr/lib/absent,"/usr/include"\\n' $prefix/include ;;
    --self) dirname "$0" ;;
    --bad) echo "$2" >&2; exit 3 ;;
esac
"""


def write_program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)


class Build:
    """A build for a host with a sysroot, on a machine that has ``-config`` programs of its own."""

    def __init__(self, directory: Path) -> None:
        self.sysroot = directory / "sys root"
        self.machine = directory / "machine"
        self.bin = directory / "bin"
        self.record = directory / "record"
        for place in (self.bin, self.record, self.machine):
            place.mkdir()
        for name in ("include/libone", "lib/multi"):
            (self.sysroot / "usr" / name).mkdir(parents=True)
        write_program(self.sysroot / "usr/bin/one-config", f"#!/bin/sh\n{SCRIPT}")
        for name in ("one-config", "two-config", "three_config", "pkg-config", "python3-config"):
            write_program(self.machine / name, "#!/bin/sh\necho the build machine\n")

    def ask(self, *question: str, sysroot: bool = True) -> subprocess.CompletedProcess[str]:
        write_config_scripts(
            self.bin,
            sysroot=self.sysroot if sysroot else None,
            path=f"{self.machine}:/nonexistent:",
            python=Path(sys.executable),
        )
        environ = {"PATH": f"{self.bin}:{self.machine}:/usr/bin:/bin", RECORD_VARIABLE: str(self.record)}
        command = ["/bin/sh", "-c", '"$@"', "sh", *question]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path)


def test_paths_that_the_sysroot_has_are_found_there(build: Build) -> None:
    root = build.sysroot
    assert build.ask("one-config", "--cflags").stdout == f"-I{root}/usr/include/libone -DDIRECTORY=/usr/share/none\n"
    assert build.ask("one-config", "--all").stdout == (
        f'INCLUDEDIR = {root}/usr/include\nPATHS = {root}/usr/lib/multi:/usr/lib/absent,"{root}/usr/include"\n'
    )


def test_run_paths_stay_the_hosts(build: Build) -> None:
    run_paths = "-Wl,-rpath,/usr/lib/multi -Wl,-rpath-link="
    assert build.ask("one-config", "--libs").stdout == (
        f"-L{build.sysroot}/usr/lib/multi {run_paths}{build.sysroot}/usr/lib/multi -lone\n"
    )


def test_a_script_that_looks_where_it_is_knows_its_sysroot_already(build: Build) -> None:
    assert build.ask("one-config", "--self").stdout == f"{build.sysroot}/usr/bin\n"


def test_errors_arrive_as_they_are(build: Build) -> None:
    done = build.ask("one-config", "--bad", "a  b")
    assert (done.returncode, done.stderr) == (3, "a  b\n")


@pytest.mark.parametrize("first", ["#!/usr/bin/env sh", "#! /bin/sh -e", "#!/usr/bin/env -S sh -e"])
def test_the_interpreter_is_this_machines(build: Build, first: str) -> None:
    write_program(build.sysroot / "usr/bin/one-config", f"{first}\n{SCRIPT}")
    assert build.ask("one-config", "--self").stdout == f"{build.sysroot}/usr/bin\n"


def test_an_interpreter_that_is_missing_is_named(build: Build) -> None:
    write_program(build.sysroot / "usr/bin/one-config", "#!/usr/bin/rare -x\n")
    done = build.ask("one-config")
    assert done.returncode == 127
    assert "rare" in done.stderr


def test_links_lead_to_files_of_the_sysroot(build: Build) -> None:
    (build.sysroot / "etc").mkdir()
    (build.sysroot / "etc/one").symlink_to("/usr/bin/one-config")
    (build.sysroot / "usr/bin/linked_config").symlink_to("/etc/one")
    assert build.ask("linked_config", "--all").stdout.startswith(f"INCLUDEDIR = {build.sysroot}/usr/include\n")


def test_a_program_for_the_host_is_not_run(build: Build) -> None:
    write_program(build.sysroot / "usr/bin/three_config", "\x7fELF")
    done = build.ask("three_config", "--libs")
    assert (done.returncode, done.stdout) == (127, "")
    assert "usr/bin/three_config" in done.stderr
    assert read_absent_programs(build.record) == ("three_config",)


@pytest.mark.parametrize("sysroot", [True, False])
def test_the_build_machine_never_answers(build: Build, *, sysroot: bool) -> None:
    names = ("two-config", "three_config") if sysroot else ("one-config", "two-config", "three_config")
    for name in (*names, *names):
        done = build.ask(name, "--cflags", sysroot=sysroot)
        assert (done.returncode, done.stdout) == (127, "")
        assert name in done.stderr
    assert read_absent_programs(build.record) == names


def test_what_others_answer_for_is_left_to_them(build: Build) -> None:
    for name in ("pkg-config", "aarch64-linux-gnu-python3.11-config", "python3-config", "python3-dbg-config"):
        write_program(build.sysroot / "usr/bin" / name, "#!/bin/sh\necho the host\n")
    build.ask("true")
    assert sorted(file.name for file in build.bin.glob("[!.]*")) == ["one-config", "three_config", "two-config"]


def test_a_build_that_asked_nothing_has_no_absent_programs(tmp_path: Path) -> None:
    assert read_absent_programs(tmp_path) == ()
