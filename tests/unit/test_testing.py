"""Tests of wheels, run by this machine's own Python: what is installed, what is shown, and what is delivered."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.errors import CrossbuildError, UsageError, WheelTestError
from crossbuild.options.wheel_tests import WheelTests
from crossbuild.reporting import PlainProgressReporter, SilentReporter
from crossbuild.requirements.request import Request
from crossbuild.testing.modules import modules_of
from crossbuild.testing.runners import LocalRunner
from crossbuild.testing.tester import WheelTester
from crossbuild.wheelhouse.make import Wheelhouse, fill_wheelhouse
from tests.unit.session_samples import make_session, set_host
from tests.unit.wheel_samples import make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = sys.version_info[:2]
LOCAL = LocalRunner(
    python=Path(sys.executable).resolve(), version="{}.{}".format(*VERSION), before=(), shown="directly on this machine"
)
DIES = b"import os, signal\n\ndef use():\n    os.kill(os.getpid(), signal.SIGBUS)\n"
"""A module that imports, and dies when it is used."""


@dataclass(frozen=True, kw_only=True)
class Listener(SilentReporter):
    lines: list[str] = field(default_factory=list)
    """The output of tests."""
    warnings: list[str] = field(default_factory=list)

    def line(self, text: str, /) -> None:
        self.lines.append(text)

    def warning(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def tester(tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> Callable[..., WheelTester]:
    """A function of options for tests that returns what runs them here, with wheels from a directory."""
    session = make_session(tmp_path, reporter=listener, monkeypatch=monkeypatch)
    set_host(make_host(libc="glibc 2.36", python=VERSION), monkeypatch)

    def make(**tests: Any) -> WheelTester:
        options = replace(session.options, tests=WheelTests(**tests))
        return WheelTester(session=replace(session, options=options), runner=LOCAL)

    return make


def wheel(directory: Path, files: dict[str, bytes], **facts: Any) -> Path:
    return make_wheel(directory, files, tag="py3-none-any", **facts)


def failure(tester: WheelTester, wheel: Path) -> WheelTestError:
    with pytest.raises(WheelTestError) as error:
        tester.run_test(wheel, results=wheel.parent, project=Path.cwd)
    assert error.value.exit_code == 13
    return error.value


def test_every_module_is_imported_and_those_that_fail_are_named(
    tester: Callable[..., WheelTester], listener: Listener, tmp_path: Path
) -> None:
    good = wheel(tmp_path, {"good.py": b"", "pack/__init__.py": b"", "pack/deep.py": b"1/0"}, project="good-1.0")
    report = tester(test=True).run_test(good, results=tmp_path, project=Path.cwd)
    assert (report.runner, report.junit) == ("directly on this machine", None)
    assert listener.lines == ["2 of 2 modules imported"]

    bad = wheel(tmp_path, {"good.py": b"", "kills.py": DIES + b"use()\n", "raises.py": b"1/0"}, project="bad-1.0")
    error = failure(tester(test=True), bad)
    assert error.what.endswith("failed: importing its modules ended with status 1.")
    assert "import kills: killed by SIGBUS" in error.why
    assert "ZeroDivisionError" in error.why
    assert "import raises: failed" in error.why
    assert error.why.endswith("1 of 3 modules imported\nfailed: kills, raises")


def test_a_wheel_that_imports_and_dies_when_it_is_used(tester: Callable[..., WheelTester], tmp_path: Path) -> None:
    dies = wheel(tmp_path, {"dies.py": DIES}, project="dies-1.0")
    tester(test=True).run_test(dies, results=tmp_path, project=Path.cwd)
    error = failure(tester(test_command="python -c 'import dies; dies.use()'"), dies)
    assert error.what.endswith("`python -c 'import dies; dies.use()'` was killed by SIGBUS (bus error).")


def test_what_a_test_starts_is_in_the_environment_too(tester: Callable[..., WheelTester], tmp_path: Path) -> None:
    files = {
        "probe.py": b"def main():\n    pass\n",
        "probe-1.0.dist-info/entry_points.txt": b"[console_scripts]\nprobe = probe:main\n",
    }
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import probe'], check=True)"
    runs = tester(test_command=f'python -c "{code}" && probe')
    assert runs.run_test(wheel(tmp_path, files), results=tmp_path, project=Path.cwd).command.endswith("&& probe")


def test_it_gets_requirements_extras_groups_and_sources_but_not_the_projects_files(
    tester: Callable[..., WheelTester], tmp_path: Path
) -> None:
    for name in ("needed", "extra", "wanted", "grouped"):
        wheel(tmp_path, {f"{name}.py": b""}, project=f"{name}-1.0")
    headers = ("Provides-Extra: more",)
    app = wheel(
        tmp_path, {"app.py": b""}, project="app-1.0", requires=["needed", 'extra; extra == "more"'], headers=headers
    )
    project = tmp_path / "project"
    (project / "tests/deep").mkdir(parents=True)
    (project / "pyproject.toml").write_text('[dependency-groups]\ntest = ["grouped"]\n')
    (project / "app.py").write_text("1/0")
    (project / "tests/deep/test_app.py").write_text("import app, needed, extra, wanted, grouped\n")
    command = (
        "set -e; python tests/deep/test_app.py; python -c 'import app'; test -f {project}/pyproject.toml; "
        "test -f {package}/app.py; test -f {wheel}; echo '<testsuites/>' > {junit}; touch {project}/left; exit 3"
    )
    tests = {
        "test_requires": ("wanted",),
        "test_extras": ("more",),
        "test_groups": ("test",),
        "test_sources": ("tests",),
    }
    with pytest.raises(WheelTestError, match=r"`.*\{junit\}.*` ended with status 3"):
        tester(test_command=command, **tests).run_test(app, results=tmp_path, project=lambda: project)
    assert (tmp_path / "app-1.0-py3-none-any.xml").read_text() == "<testsuites/>\n"
    assert not (project / "left").exists(), "the test has a copy"
    with pytest.raises(UsageError, match=r"There is no unit in .*project"):
        tester(test_sources=("unit",)).run_test(app, results=tmp_path, project=lambda: project)


def deliver(tester: WheelTester, directory: Path, *specs: str, fail_fast: bool = False) -> list[str]:
    """Return what was delivered by a request for ``specs`` that ends in an error, or with a hint."""
    request, house = Request(specs=specs), Wheelhouse(wheel_dir=directory / "delivered")
    house.wheel_dir.mkdir()
    work = fill_wheelhouse(
        request,
        house,
        session=tester.session,
        progress=PlainProgressReporter(reporter=tester.session.reporter),
        passing=lambda found: tester.passing(found, results=house.wheel_dir, fail_fast=fail_fast),
    )
    errors: list[CrossbuildError] = []
    try:
        list(work)
    except CrossbuildError as error:
        errors.append(error)
    found = sorted(file.name.partition("-")[0] for file in house.wheel_dir.iterdir())
    return [*found, *(f"{error.exit_code} {error.fix}" for error in errors)]


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A wheel that dies, which a good one does not need; the good one needs a third."""
    wheel(tmp_path, {"dies.py": b"import os\nos.abort()\n"}, project="dies-1.0")
    wheel(tmp_path, {"good.py": b"import third\n"}, project="good-1.0", requires=["third"])
    wheel(tmp_path, {"third.py": b""}, project="third-1.0")
    return tmp_path


def test_only_wheels_that_pass_are_delivered(tester: Callable[..., WheelTester], wheels: Path) -> None:
    hint = "13 The wheel was not delivered. To deliver it anyway: --keep-failed"
    assert deliver(tester(test=True), wheels, "dies", "good") == ["good", "third", hint]


def test_the_first_failure_may_be_the_last(tester: Callable[..., WheelTester], wheels: Path) -> None:
    assert deliver(tester(test=True), wheels, "dies", "good", fail_fast=True)[-1].startswith("13 ")
    assert not (wheels / "delivered/dies-1.0-py3-none-any.whl").exists()


def test_a_failed_wheel_is_delivered_if_the_user_wants_it(
    tester: Callable[..., WheelTester], listener: Listener, wheels: Path
) -> None:
    assert deliver(tester(test=True, keep_failed=True), wheels, "dies") == ["dies", "13 "]
    assert listener.warnings == ["dies-1.0-py3-none-any.whl is delivered although its test failed."]


def test_all_extension_modules_of_a_wheel_are_imported(tmp_path: Path) -> None:
    elf = make_elf(defines=["PyInit_fast"])
    files = {
        "top.py": b"",
        "__main__.py": b"",
        "pack/__init__.py": b"",
        "pack/inner/__init__.py": b"",
        "pack/inner/fast.cpython-311-aarch64-linux-gnu.so": elf,
        "pack.libs/libz.so.1": make_elf(),
        "space/real/__init__.py": b"",
        "probe-1.0.data/platlib/fast.abi3.so": elf,
        "probe-1.0.data/data/share/other.py": b"",
    }
    assert modules_of(make_wheel(tmp_path, files)) == ["fast", "pack", "pack.inner.fast", "space.real", "top"]


@pytest.mark.parametrize(
    "said", [{"test": True}, {"test_command": "x"}, {"test_requires": ("x",)}, {"test_sources": ("x",)}]
)
def test_each_option_but_one_implies_a_test(said: dict[str, Any]) -> None:
    assert WheelTests(**said, keep_failed=True).wanted
    assert not WheelTests(keep_failed=True).wanted
