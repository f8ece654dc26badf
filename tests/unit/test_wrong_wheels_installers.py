"""What other installers refuse, the check refuses: each is given every wrong wheel whose fault is not in machine code.

They take more than the check does, which is no fault of either.
"""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
import warnings
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.exceptions import InstallerError
from installer.sources import WheelFile
from uv import find_uv_bin
from virtualenv.seed.wheels.embed import get_embed_wheel

from crossbuild.wheels.check import check_wheel
from crossbuild.wheels.findings import RefusedWheelError
from tests.wrong_wheels import WRONG_WHEELS
from tests.wrong_wheels.changes import native, pure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

GOOD: dict[str, Callable[[Path], Path]] = {"a good wheel": pure, "a good wheel for the host": native}
REFUSALS = (
    *(ValueError, AssertionError, LookupError, TypeError, RuntimeError, OSError),
    *(InstallerError, zipfile.BadZipFile, zlib.error, configparser.Error),
)
"""installer lets through what zipfile and others raise."""
RUN_PIP = """
import contextlib, io, json, sys
from pip._internal.cli.main import main

answers = {}
for name, words in json.load(sys.stdin).items():
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = main(words)
        except (Exception, SystemExit) as error:
            code = repr(error)
    answers[name] = f"{code}: {said.getvalue()}" if code else ""
json.dump(answers, sys.stdout)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels by name, each in a directory of its own."""
    top = tmp_path_factory.mktemp("wheels")
    makers = GOOD | {name: kind.make for name, kind in WRONG_WHEELS.items() if not kind.binary}
    made = {}
    for number, (name, make) in enumerate(makers.items()):
        (top / str(number)).mkdir()
        made[name] = make(top / str(number))
    return made


@pytest.fixture(scope="module")
def refused(wheels: Mapping[str, Path]) -> set[str]:
    """The names of those that the check refuses."""
    names = set()
    for name, wheel in wheels.items():
        if name not in GOOD:
            try:
                check_wheel(wheel, WRONG_WHEELS[name].host)
            except RefusedWheelError:
                names.add(name)
    return names


def disagreements(answers: Mapping[str, str], refused: set[str], *, at_least: int) -> dict[str, str]:
    """Return what a tool refuses and the check does not, with its words."""
    failed = {name: answer for name, answer in answers.items() if answer}
    assert len(failed) >= at_least, "the tool did not look at them"
    return {name: answer for name, answer in failed.items() if name not in refused}


def test_what_installer_refuses_is_refused(wheels: Mapping[str, Path], refused: set[str]) -> None:
    def answer(wheel: Path) -> str:
        schemes = {scheme: str(wheel.parent / "installer" / scheme) for scheme in ("scripts", "headers", "data")}
        site = str(wheel.parent / "installer/site")
        destination = SchemeDictionaryDestination(
            {**schemes, "purelib": site, "platlib": site}, interpreter="/usr/bin/python3", script_kind="posix"
        )
        try:
            with WheelFile.open(wheel) as source, warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of bytecode, which it leaves out
                source.validate_record()
                install(source, destination, {})
        except REFUSALS as error:
            return repr(error)
        return ""

    answers = {name: answer(wheel) for name, wheel in wheels.items()}
    assert disagreements(answers, refused, at_least=80) == {}


def test_what_pip_refuses_is_refused(wheels: Mapping[str, Path], refused: set[str]) -> None:
    words = ["install", "--isolated", "--disable-pip-version-check", "--no-cache-dir", "--no-index", "--no-deps", "-q"]
    words += [
        "--no-compile",
        "--only-binary=:all:",
        "--implementation=cp",
        "--platform=linux_aarch64",
        "--python-version=3.11.2",
    ]
    question = {name: [*words, f"--target={wheel.parent}/pip", str(wheel)] for name, wheel in wheels.items()}
    pip = get_embed_wheel("pip", "{}.{}".format(*sys.version_info))
    assert pip
    own = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN_PIP],
        input=json.dumps(question),
        env={**own, "PYTHONPATH": str(pip.path), "PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=True,
    )
    assert disagreements(json.loads(done.stdout), refused, at_least=70) == {}


def test_what_uv_refuses_is_refused(wheels: Mapping[str, Path], refused: set[str], tmp_path: Path) -> None:
    words = [find_uv_bin(), "pip", "install", "-q", "--offline", "--no-index", "--no-deps", "--no-config"]
    words += ["--cache-dir", str(tmp_path), "--python", sys.executable]
    words += ["--python-platform=aarch64-manylinux_2_36", "--python-version=3.11.2"]
    own = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}

    def answer(wheel: Path) -> str:
        command = [*words, f"--target={wheel.parent}/uv", str(wheel)]
        done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
        return f"{done.returncode}: {done.stderr}" if done.returncode else ""

    with ThreadPoolExecutor(2) as threads:
        answers = dict(zip(wheels, threads.map(answer, wheels.values()), strict=True))
    assert disagreements(answers, refused, at_least=90) == {}
