"""The options that crossenv has, too: each has the effect that its documentation promises."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.host.reading.sysconfigdata import find_sysconfigdata, read_variables_file
from tests.commands import copy_project
from tests.cross.ways import SYNTHESISED
from tests.cross.wheelfiles import WheelFile

if TYPE_CHECKING:
    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.cross

LAUNCHER = """#!/bin/sh
printf '%s ' "$@" >>{log}
echo >>{log}
exec "$@"
"""


def built(
    crossbuild: Crossbuild,
    sample: str,
    into: Path,
    *options: str | Path,
    host: HostRoot | str,
    **more: Any,
) -> Path:
    """Return the wheel of ``sample``, built with ``options``."""
    project = copy_project(sample, into / sample)
    done = crossbuild("wheel", project, *options, "-w", into / "wheels", host=host, **more)
    assert done.returncode == 0, done.stderr
    (wheel,) = (into / "wheels").glob("*.whl")
    return wheel


def facts(crossbuild: Crossbuild, into: Path, *options: str, host: HostRoot | str, **more: Any) -> dict[str, Any]:
    """Return what a hook of a build with ``options`` saw."""
    wheel = built(crossbuild, "build-python-facts", into, *options, host=host, **more)
    with zipfile.ZipFile(wheel) as archive:
        seen: dict[str, Any] = json.loads(archive.read("build_python_facts/facts.json"))
    return seen


def sysconfigdata(host: HostRoot) -> Path:
    return find_sysconfigdata([host.root / "usr/lib" / host.python.name])


def copied_variables(host: HostRoot, directory: Path) -> Path:
    """Return the build variables of ``host``, with nothing else of it beside them."""
    file = directory / "_sysconfigdata__own.py"
    file.write_bytes(sysconfigdata(host).read_bytes())
    return file


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    """A program such as ccache: it runs another, and keeps a log."""
    program = tmp_path / "launcher"
    program.write_text(LAUNCHER.format(log=tmp_path / "launched"))
    program.chmod(0o755)
    return program


# --- --env ---------------------------------------------------------------------------------------------------------


def test_env(crossbuild: Crossbuild, tmp_path: Path) -> None:
    changes = ("SET=own", "KEPT?=own", "NEW?=own", "LONGER+= own", "NEWER+=own", "PATH:=/own/bin", "CC=own-cc")
    options = [word for change in changes for word in ("--env", change)]
    environ = dict.fromkeys(("SET", "KEPT", "LONGER"), "user's") | {"CROSSBUILD_PASS_ENV": "SET KEPT LONGER"}
    seen = facts(crossbuild, tmp_path, *options, host=SYNTHESISED, environ=environ)["environ"]
    names = ("SET", "KEPT", "NEW", "LONGER", "NEWER", "CC")
    assert [seen[name] for name in names] == ["own", "user's", "own", "user's own", "own", "own-cc"]
    first, *_, last = seen["PATH"].split(os.pathsep)
    assert (Path(first).parent.name, last) == ("cross-venv", "/own/bin")


# --- --config-var --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["installed", "file", "tag"])
def test_config_var(
    form: str, crossbuild: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, tmp_path: Path
) -> None:
    given = {
        "CFLAGS": "-O1 -march=armv8-a -I/own/include",
        "CCSHARED": "-fpic",
        "LIBDIR": "/own/lib",
        "HAVE_FORK": "0",
        "MINE": "1",
    }
    options = [word for name, value in given.items() for word in ("--config-var", f"{name}={value}")]
    host: HostRoot | str = debian_arm64
    if form == "file":
        host = str(copied_variables(debian_arm64, tmp_path))
        options += crossbuild.build_python_for((3, 11))
    elif form == "tag":
        host = SYNTHESISED
    seen = facts(crossbuild, tmp_path, *options, host=host, compilers=gnu_aarch64)["config vars"]
    assert {name: seen[name] for name in given} == given | {"HAVE_FORK": 0}
    assert seen["EXT_SUFFIX"].endswith("-aarch64-linux-gnu.so")


def test_config_var_reaches_the_compiler_and_the_names(
    crossbuild: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, launcher: Path, tmp_path: Path
) -> None:
    options = (
        *("--config-var", f"CC={launcher} aarch64-linux-gnu-gcc -DFROM_CC", "--config-var", "CFLAGS=-O1 -DFROM_CFLAGS"),
        *("--config-var", "EXT_SUFFIX=.cpython-311-own.so"),
    )
    wheel = built(crossbuild, "setuptools-c", tmp_path, *options, host=debian_arm64, compilers=gnu_aarch64)
    assert WheelFile.from_path(wheel).machines == {"setuptools_c.cpython-311-own.so": "AARCH64 64 little"}
    compiled = next(line for line in launched(tmp_path) if " facts.c " in line)
    assert {"-DFROM_CC", "-DFROM_CFLAGS", "-O1"} <= set(compiled.split())


# --- Compilers -----------------------------------------------------------------------------------------------------


def launched(directory: Path) -> list[str]:
    return (directory / "launched").read_text().splitlines()


@pytest.mark.parametrize(
    ("sample", "option", "command", "worked_on"),
    [
        ("setuptools-c", "--cc", "aarch64-linux-gnu-gcc -DFROM_OPTION", "facts.c"),
        ("setuptools-cxx", "--cxx", "aarch64-linux-gnu-g++ -DFROM_OPTION", "facts.cpp"),
        ("setuptools-library", "--ar", "aarch64-linux-gnu-ar", "library.o"),
    ],
)
def test_compilers_of_several_words(
    sample: str,
    option: str,
    command: str,
    worked_on: str,
    crossbuild: Crossbuild,
    debian_arm64: HostRoot,
    gnu_aarch64: Path,
    launcher: Path,
    tmp_path: Path,
) -> None:
    words = (option, f"{launcher} {command}")
    built(crossbuild, sample, tmp_path, *words, host=debian_arm64, compilers=gnu_aarch64)
    program, *arguments = command.split()
    run = next(line.split() for line in launched(tmp_path) if f" {worked_on} " in line)
    assert run[0] == str(gnu_aarch64 / program)
    assert set(arguments) <= set(run)


def test_relative_toolchain(crossbuild: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("gcc", "g++", "ar", "ranlib", "strip", "nm", "ld"):
        program = moved / f"aarch64-container-linux-gnu-{name}"
        real = gnu_aarch64 / f"aarch64-linux-gnu-{name}"
        program.write_text(f'#!/bin/sh\necho {name} "$@" >>{tmp_path}/launched\nexec {real} "$@"\n')
        program.chmod(0o755)
    variables = read_variables_file(sysconfigdata(debian_arm64))
    variables["CC"] = "/container/opt/bin/aarch64-container-linux-gnu-gcc -pthread"
    recorded = tmp_path / "_sysconfigdata__container.py"
    recorded.write_text(f"build_time_vars = {variables!r}\n")
    options = ("--relative-toolchain", "--sysconfigdata-file", recorded)
    wheel = built(crossbuild, "setuptools-c", tmp_path, *options, host=debian_arm64, compilers=moved)
    assert set(WheelFile.from_path(wheel).machines.values()) == {"AARCH64 64 little"}
    assert [line for line in launched(tmp_path) if line.startswith("gcc ") and " facts.c " in line]


# --- What is known better ------------------------------------------------------------------------------------------


@pytest.fixture
def raspberry(debian_armhf: HostRoot, tmp_path: Path) -> Path:
    """Build variables as all hard-float Arms have them, from the first Raspberry Pi on."""
    return copied_variables(debian_armhf, tmp_path)


def test_machine(crossbuild: Crossbuild, raspberry: Path, tmp_path: Path) -> None:
    options = ("--machine", "armv6l", *crossbuild.build_python_for((3, 11)))
    seen = facts(crossbuild, tmp_path, *options, host=str(raspberry))
    assert (seen["machine"], seen["platform"]) == ("armv6l", "linux-armv6l")


def test_all_of_it_in_the_configuration(crossbuild: Crossbuild, raspberry: Path, tmp_path: Path) -> None:
    (tmp_path / "crossbuild.toml").write_text(
        f'[hosts.pi]\nhost = "{raspberry.name}"\nmachine = "armv6l"\nconfig-vars = {{ MINE = "1" }}\nenv = ["MINE=2"]\n'
    )
    options = crossbuild.build_python_for((3, 11))
    seen = facts(crossbuild, tmp_path, *options, host="pi", cwd=tmp_path)
    assert (seen["machine"], seen["config vars"]["MINE"], seen["environ"]["MINE"]) == ("armv6l", "1", "2")
