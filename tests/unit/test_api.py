"""The library: what programs import from ``crossbuild``, and may rely on."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import crossbuild
from crossbuild import errors
from tests.examples import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

NAMES = """
AuditError BackendError BuildOptions BuildPythonError BuiltWheel CommandError Configuration CrossbuildError
EnvironmentChange Host HostError HostRequest IndexOptions InstallError NetworkError Reporter RequirementsError
SilentReporter SourceError SourceRequest SysrootError SysrootName ToolchainError ToolchainRequest UsageError WheelReport
__version__ build_wheel check_wheel load_host"""
"""What has been promised. A name that goes, or changes its meaning, is a new major version."""
PUBLIC = [name for name in NAMES.split() if name != "__version__"]
TAG = "manylinux_2_28_aarch64"


def test_the_names_are_those_that_were_promised() -> None:
    assert sorted(crossbuild.__all__) == sorted(NAMES.split())
    assert dir(crossbuild) == sorted(NAMES.split())


def test_every_name_is_documented_in_the_reference() -> None:
    text = (REPOSITORY / "docs/reference/api.md").read_text()
    documented = re.findall(r"^\.\. auto(?:function|class|exception):: crossbuild\.(\w+)(?:\(\))?$", text, re.MULTILINE)
    assert sorted(documented) == sorted(PUBLIC)


def test_every_error_is_among_them() -> None:
    kinds: set[type[Exception]] = {errors.CrossbuildError, *errors.CrossbuildError.__subclasses__()}
    own = {kind.__name__ for kind in kinds if kind.__module__ == errors.__name__}
    assert own == {name for name in PUBLIC if name.endswith("Error")}


@pytest.mark.parametrize("name", PUBLIC)
def test_it_says_what_it_is_and_takes(name: str) -> None:
    value: Any = getattr(crossbuild, name)
    assert value.__name__ == name
    assert inspect.getdoc(value)
    for function in _functions(value):
        untyped = {"return", *inspect.signature(function).parameters} - function.__annotations__.keys()
        assert not untyped - {"self", "cls"}, function
        assert inspect.getdoc(function) or name == "SilentReporter", function


def _functions(value: Any) -> list[Any]:
    if inspect.isfunction(value):
        return [value]
    public = (one for name, one in vars(value).items() if not name.startswith("_"))
    plain = (getattr(one, "fget", None) or getattr(one, "__func__", one) for one in public)
    return [one for one in plain if inspect.isfunction(one)]


def test_no_other_name() -> None:
    assert not hasattr(crossbuild, "build_whl")


def test_importing_crossbuild_imports_nothing_else() -> None:
    code = "import sys, importlib; before = set(sys.modules); import crossbuild; print(*{*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"__future__", "crossbuild"}


def test_types_are_shipped() -> None:
    assert (REPOSITORY / "src/crossbuild/py.typed").is_file()


# --- What is called ------------------------------------------------------------------------------------------------


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing is found."""
    return {"PATH": str(tmp_path), "HOME": str(tmp_path), "CROSSBUILD_CACHE_DIR": str(tmp_path / "cache")}


def test_building_a_wheel_of_what_is_not_there(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(crossbuild.UsageError, match="does not exist"):
        crossbuild.build_wheel(tmp_path / "absent", host=TAG, wheel_dir=tmp_path / "dist", environ=environ)
    assert not (tmp_path / "dist").exists()


def test_what_is_said_counts_more_than_the_options(environ: dict[str, str], tmp_path: Path) -> None:
    """Each of them is refused as on the command line, and shows in what is said."""
    options = crossbuild.BuildOptions(python=(3, 12), toolchain=crossbuild.ToolchainRequest(choice="gnu"))
    with pytest.raises(crossbuild.BuildPythonError, match=r"3\.99"):
        crossbuild.load_host(TAG, python="3.99", options=replace(options, cache_dir=tmp_path), environ=environ)
    with pytest.raises(crossbuild.HostError, match="linux_z80"):
        crossbuild.load_host("linux_z80", options=options, environ=environ)
    with pytest.raises(crossbuild.UsageError, match=r"X\.Y"):
        crossbuild.load_host(TAG, python="three", environ=environ)


def test_checking_a_wheel_that_is_not_there(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(crossbuild.HostError):
        crossbuild.check_wheel(tmp_path / "a.whl", host="linux_z80", environ=environ)
