"""Wheels in a prefix of the host's."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import RequirementsError
from crossbuild.wheels.prefix_install import install_wheel, site_packages
from tests.unit.wheel_samples import make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

HOST = make_host(libc="glibc 2.36")
DATA = "probe-1.0.data"
FILES = {
    "probe/__init__.py": b"def main(): pass\n",
    "probe/x.so": make_elf(),
    f"{DATA}/headers/probe.h": b"int probe;\n",
    f"{DATA}/data/include/more.h": b"int more;\n",
    f"{DATA}/data/share/man/man1/probe.1": b".TH probe\n",
    f"{DATA}/purelib/pure.py": b"pure = True\n",
    f"{DATA}/scripts/old": b"#!python\nprint(1)\n",
    f"{DATA}/scripts/shell": b"#!/bin/sh\necho 1\n",
    "probe-1.0.dist-info/entry_points.txt": (
        b"[console_scripts]\nprobe = probe:main\n[gui_scripts]\nwindow = probe:main\n"
    ),
}
PLACES = {
    "lib/python3.11/site-packages/probe/__init__.py",
    "lib/python3.11/site-packages/probe/x.so",
    "lib/python3.11/site-packages/pure.py",
    "include/python3.11/probe/probe.h",
    "include/more.h",
    "share/man/man1/probe.1",
    "bin/old",
    "bin/shell",
    "bin/probe",
    "bin/window",
}


def files_below(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    install_wheel(make_wheel(tmp_path, FILES), tmp_path / "prefix", host=HOST)
    return tmp_path / "prefix"


def test_every_file_in_the_place_of_its_kind(prefix: Path) -> None:
    about = {file for file in files_below(prefix) if "dist-info" in file}
    assert files_below(prefix) - about == PLACES
    assert {file.rpartition("/")[2] for file in about} == {
        *("METADATA", "WHEEL", "RECORD", "INSTALLER", "entry_points.txt")
    }


@pytest.mark.parametrize("script", ["probe", "window", "old"])
def test_scripts_start_the_python_of_the_host(prefix: Path, script: str) -> None:
    lines = (prefix / "bin" / script).read_text().splitlines()
    assert lines[0] == "#!/usr/bin/python3.11"
    assert os.access(prefix / "bin" / script, os.X_OK)


def test_other_scripts_start_what_they_say(prefix: Path) -> None:
    assert (prefix / "bin/shell").read_bytes() == b"#!/bin/sh\necho 1\n"


def test_scripts_start_the_python_where_the_host_says_it_is(tmp_path: Path) -> None:
    host = replace(HOST, build_time_vars={**HOST.build_time_vars, "BINDIR": "/opt/python/bin"})
    install_wheel(make_wheel(tmp_path, FILES), tmp_path / "prefix", host=host)
    assert (tmp_path / "prefix/bin/probe").read_text().startswith("#!/opt/python/bin/python3.11\n")


def test_the_record_is_of_what_is_there(prefix: Path) -> None:
    packages = site_packages(prefix, HOST)
    with (packages / "probe-1.0.dist-info/RECORD").open(newline="") as stream:
        rows = {os.path.normpath(packages / name): (digest, size) for name, digest, size in csv.reader(stream)}
    assert set(rows) == {str(prefix / file) for file in files_below(prefix)}
    for name, (digest, size) in rows.items():
        if not name.endswith("/RECORD"):
            content = (prefix / name).read_bytes()
            told = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={told}", str(len(content)))


def test_who_installed_it(prefix: Path) -> None:
    assert (site_packages(prefix, HOST) / "probe-1.0.dist-info/INSTALLER").read_text() == "crossbuild\n"


def test_free_threaded_pythons_have_directories_of_their_own(tmp_path: Path) -> None:
    host = make_host(libc="glibc 2.36", abi_flags="t")
    install_wheel(make_wheel(tmp_path, FILES, tag="cp311-cp311t-linux_aarch64"), tmp_path / "prefix", host=host)
    found = files_below(tmp_path / "prefix")
    assert {"lib/python3.11t/site-packages/pure.py", "include/python3.11t/probe/probe.h"} <= found
    assert (tmp_path / "prefix/bin/probe").read_text().startswith("#!/usr/bin/python3.11t\n")


@pytest.mark.parametrize("name", ["../../../../evil.py", f"{DATA}/data/../../evil", f"{DATA}/scripts/../../evil"])
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    wheel = make_wheel(tmp_path, {name: b"evil"})
    with pytest.raises(RequirementsError, match="cannot be installed"):
        install_wheel(wheel, tmp_path / "prefix", host=HOST)
    assert not [*tmp_path.rglob("evil*")]


def test_what_is_no_wheel_inside(tmp_path: Path) -> None:
    wheel = tmp_path / "probe-1.0-py3-none-any.whl"
    wheel.write_bytes(b"no archive")
    with pytest.raises(RequirementsError, match="cannot be installed"):
        install_wheel(wheel, tmp_path / "prefix", host=HOST)


def test_a_script_that_cannot_be_made(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe-1.0.dist-info/entry_points.txt": b"[console_scripts]\nprobe = no function\n"})
    with pytest.raises(RequirementsError, match="cannot be installed"):
        install_wheel(wheel, tmp_path / "prefix", host=HOST)


@pytest.mark.parametrize(
    "tag",
    [
        "cp311-cp311-linux_x86_64",
        "cp312-cp312-linux_aarch64",
        "cp311-cp311-musllinux_1_2_aarch64",
        "cp311-cp311-manylinux_2_38_aarch64",
    ],
)
def test_wheels_for_something_else_are_refused(tmp_path: Path, tag: str) -> None:
    with pytest.raises(RequirementsError, match=r"is not for linux_aarch64"):
        install_wheel(make_wheel(tmp_path, FILES, tag=tag), tmp_path / "prefix", host=HOST)
    assert not (tmp_path / "prefix").exists()
