"""The programs of the page about the library, run as printed there: those that compile nothing, and need no network."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from tests.examples import library_examples, run_program
from tests.unit.host_samples import PATCHLEVEL, SamplePython
from tests.unit.test_host_file import document
from tests.unit.wheel_samples import make_elf, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = library_examples()
MINOR = sys.version_info.minor
ELSEWHERE = {"Build a project", "Build several, and what they require", "Make sysroots"}
"""In tests/cross and tests/sysroots, which have compilers and an archive of packages."""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment in which pip finds the wheels beside the programs, and nothing else."""
    own = {"HOME": tmp_path, "CROSSBUILD_CACHE_DIR": tmp_path / "kept", "PIP_FIND_LINKS": tmp_path / "wheels"}
    words = {name: str(value) for name, value in own.items()}
    path = os.pathsep.join((str(tmp_path / "bin"), os.environ.get("PATH", os.defpath)))
    python = os.pathsep.join(filter(None, sys.path))
    return {**words, "PIP_NO_INDEX": "1", "PATH": path, "PYTHONPATH": python, "LC_ALL": "C.UTF-8"}


@pytest.fixture(autouse=True)
def desk(tmp_path: Path) -> Path:
    """The files that the programs name."""
    SamplePython(root=tmp_path / "sysroot", minor=MINOR).install()
    (tmp_path / "wheels").mkdir()
    make_wheel(tmp_path / "wheels", {"app.py": b""}, tag="py3-none-any", project="app-1.0", requires=("dep",))
    make_wheel(tmp_path / "wheels", {"dep.py": b""}, tag="py3-none-any", project="dep-2.0")
    make_wheel(
        tmp_path,
        {"app/core.abi3.so": make_elf(defines=["PyInit_core"])},
        tag="cp38-abi3-linux_aarch64",
        project="app-1.0",
    )
    (tmp_path / "requirements.txt").write_text("app\n")
    headers = {"Python.h": "", "patchlevel.h": PATCHLEVEL.format(minor=MINOR)}
    (tmp_path / "answer.json").write_text(json.dumps(document(headers=headers)))
    ssh = tmp_path / "bin/ssh"
    ssh.parent.mkdir()
    ssh.write_text(f'#!/bin/sh\n[ "$1" = pi@board ] || exit 255\nexec cat {shlex.quote(str(tmp_path))}/answer.json\n')
    ssh.chmod(0o755)
    qemu = tmp_path / "bin/qemu-aarch64"
    site = f"${{PYTHON%/*/*}}/lib/python3.{MINOR}/site-packages"
    qemu.write_text(
        f'#!/bin/sh\nwhile [ "${{1%python3.{MINOR}}}" = "$1" ]; do shift; done\nPYTHON=$1\nshift\n'
        f'PYTHONPATH="{site}" exec {shlex.quote(sys.executable)} "$@"\n'
    )
    qemu.chmod(0o755)
    return tmp_path


def run_examples(heading: str, desk: Path, environ: dict[str, str]) -> list[str]:
    """Run the programs under ``heading``, one after another, and return the lines that they printed."""
    printed = [run_program(program, cwd=desk, environ=environ) for program in EXAMPLES[heading]]
    return "".join(printed).splitlines()


def wheelhouse(desk: Path, lines: list[str]) -> None:
    (line,) = lines
    assert set(line.split(", ")) == {"app-1.0-py3-none-any.whl", "dep-2.0-py3-none-any.whl"}
    assert {file.name for file in (desk / "wheelhouse").iterdir()} == set(line.split(", "))
    assert (desk / "index/app/index.html").is_file()
    assert "app-1.0-py3-none-any.whl" in (desk / "pylock.toml").read_text()


def planned(desk: Path, lines: list[str]) -> None:
    assert lines == ["app 1.0 local", "dep 2.0 local"]
    assert not (desk / "wheelhouse").exists()


def image(desk: Path, lines: list[str]) -> None:
    installed, required, removed, undone = lines
    site = f"/opt/app/lib/python3.{MINOR}/site-packages"
    assert installed == f"app 1.0 {site}/app-1.0.dist-info"
    assert required == f"dep 2.0 {site}/dep-2.0.dist-info"
    assert (desk / f"image{site}/app.py").is_file()
    assert (removed, undone) == ("app 1.0", "False")
    assert (desk / "bundle/dep.py").is_file()
    assert not (desk / "bundle/app.py").exists()
    assert [*(desk / "bundle").rglob("*.pyc")], "bytecode was asked for"


def device(_: Path, lines: list[str]) -> None:
    assert lines == [f"3.{MINOR} armv7l ('libc.so.6', 'libz.so.1')"]


def checked(_: Path, lines: list[str]) -> None:
    assert lines == ["app/core.abi3.so"]


def tried(desk: Path, lines: list[str]) -> None:
    (line,) = lines
    assert line.startswith(f"by {desk}/bin/qemu-aarch64, with Python 3.{MINOR} of ")


def cached(desk: Path, lines: list[str]) -> None:
    assert lines == ["0 removed, 0 skipped"]
    assert not (desk / "kept").exists()


def progress(_: Path, lines: list[str]) -> None:
    assert "Choose versions" in lines, "from the program's own reporter; the other writes to standard error"


def the_rest(_: Path, lines: list[str]) -> None:
    assert sorted(lines) == ["app-1.0-py3-none-any.whl", "dep-2.0-py3-none-any.whl"]


OUTCOMES = {
    "Make a wheelhouse": wheelhouse,
    "See what would be done": planned,
    "Install into an image": image,
    "Ask a device what it is": device,
    "Check a wheel": checked,
    "Test a wheel on the host": tried,
    "Look after the cache": cached,
    "Show progress": progress,
    "Set the rest": the_rest,
}
"""By heading, what holds after its programs have run."""


@pytest.mark.parametrize("heading", [name for name in EXAMPLES if name not in ELSEWHERE])
def test_it_runs_as_printed(heading: str, desk: Path, environ: dict[str, str]) -> None:
    OUTCOMES[heading](desk, run_examples(heading, desk, environ))


def test_a_wheel_that_is_refused(desk: Path, environ: dict[str, str]) -> None:
    make_wheel(desk, {"app/core.abi3.so": make_elf("x86_64")}, tag="cp38-abi3-linux_aarch64", project="app-1.0")
    what, *why = run_examples("Check a wheel", desk, environ)
    assert "app-1.0" in what
    assert "core.abi3.so" in "".join(why)
