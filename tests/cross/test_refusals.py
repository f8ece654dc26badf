"""Wheels that must not be delivered, whatever their backend thinks of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import copy_project
from tests.cross.failures import assert_fails
from tests.cross.ways import SYNTHESISED

if TYPE_CHECKING:
    from tests.commands import Crossbuild
    from tests.cross.ways import Way

pytestmark = pytest.mark.cross

VERSION = "{}{}".format(*sys.version_info[:2])
OPTIONAL = "setuptools-optional-broken"
REFUSED = {
    "wrong-machine": (f"wrong_machine.cpython-{VERSION}-aarch64-linux-gnu.so", "x86_64", "aarch64"),
    "wrong-suffix": (f"wrong_suffix.cpython-{VERSION}-x86_64-linux-gnu.so", f".cpython-{VERSION}-aarch64-linux-gnu.so"),
    "wrong-float": (f"wrong_float.cpython-{VERSION}-arm-linux-gnueabihf.so", "soft-float", "hard-float"),
    "beyond-stable-abi": ("beyond.abi3.so: uses PyUnicode_AsUTF8", "[beyond-stable-abi]", "Py_LIMITED_API"),
    OPTIONAL: ("speedups.c failed to compile", "--allow-missing-extensions"),
}
"""Sample projects, and what has to be said about their wheels."""
HOSTS = {"wrong-float": "manylinux_2_28_armv7l"}
"""Those that are wrong on other machines only."""


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_wheel_is_refused_by_name(name: str, crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project(name, tmp_path / name)
    host = HOSTS.get(name, SYNTHESISED)
    done = crossbuild("wheel", project, "-w", tmp_path / "wheels", "--json", host=host)
    assert_fails(done, 8, *REFUSED[name], nothing_in=tmp_path / "wheels", document=True)
    error = json.loads(done.stdout)["error"]
    assert error["exit_code"] == 8
    assert list(Path(error["kept"], "dist").glob("*.whl"))
    assert Path(error["log"]).read_text()


def test_an_extension_lost_with_gnu_compilers_is_missed_too(way: Way, crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project(OPTIONAL, tmp_path / OPTIONAL)
    options = (*way.options, "-w", str(tmp_path / "wheels"))
    done = crossbuild("wheel", project, *options, host=way.host, compilers=way.compilers)
    assert_fails(done, 8, *REFUSED[OPTIONAL], nothing_in=tmp_path / "wheels")


def test_an_option_for_another_machine_stops_the_build_and_whoever_passed_it_is_named(
    way: Way, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    setup = (project / "setup.py").read_text()
    (project / "setup.py").write_text(setup.replace('["facts.c"]', '["facts.c"], extra_compile_args=["-msse4.2"]'))
    options = (*way.options, "-w", str(tmp_path / "wheels"))
    done = crossbuild("wheel", project, *options, host=way.host, compilers=way.compilers)
    words = ("-msse4.2 (passed by python", "build_wheel", "/source/")
    assert_fails(done, 7, *words, nothing_in=tmp_path / "wheels")


def test_what_was_built_beside_the_refused_is_delivered(crossbuild: Crossbuild, tmp_path: Path) -> None:
    projects = [copy_project(name, tmp_path / name) for name in ("pure-flit", "wrong-machine", "pure-hatchling")]
    done = crossbuild("wheel", *projects, "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert done.returncode == 8, done.stderr
    assert {path.name.partition("-")[0] for path in (tmp_path / "wheels").iterdir()} == {"pure_flit", "pure_hatchling"}
