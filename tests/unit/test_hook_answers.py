"""Hooks that return something else than PEP 517 says."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from crossbuild.building import hook_answers
from crossbuild.building.hook_answers import WrongAnswerError
from crossbuild.building.hooks import Hooks
from crossbuild.errors import BackendError
from crossbuild.reporting import SilentReporter
from crossbuild.system.processes import Runner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TABLE = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@pytest.mark.parametrize(
    "answer",
    [
        *(None, 1, "numpy", b"numpy", {"numpy": 1}, True, float("nan")),
        *([1], [None], [["numpy"]], [""], ["-r /etc/passwd"], ["a\0"], ["a\ud800"], ["./a"], ["numpy", 1]),
    ],
)
def test_no_requirements(answer: object) -> None:
    with pytest.raises(WrongAnswerError, match=r"It returned .* not a"):
        hook_answers.requirements(answer)


def test_requirements() -> None:
    assert hook_answers.requirements(["numpy>=2", "cython"]) == {"numpy>=2", "cython"}
    assert hook_answers.requirements([]) == set()


@pytest.mark.parametrize(
    "answer",
    [
        *(None, 1, ["a.whl"], {"a.whl": 1}, b"a.whl", ""),
        *(".", "..", "/etc/a.whl", "../a.whl", "x/../a.whl", "a\0.whl", "a\ud800.whl", "a\n.whl"),
        *("a.txt", "missing.whl", "directory.whl", "pipe.whl"),
    ],
)
def test_no_file(tmp_path: Path, answer: object) -> None:
    (tmp_path / "into/x").mkdir(parents=True)
    for place in ("a.whl", "into/a.whl", "into/a.txt"):
        (tmp_path / place).touch()
    (tmp_path / "into/directory.whl").mkdir()
    os.mkfifo(tmp_path / "into/pipe.whl")
    assert hook_answers.made_file("a.whl", tmp_path / "into", endings=(".whl",)).is_file()
    with pytest.raises(WrongAnswerError, match="It returned"):
        hook_answers.made_file(answer, tmp_path / "into", endings=(".whl",))


@dataclass(frozen=True)
class Environment:
    python_executable: str = sys.executable

    def make_extra_environ(self) -> dict[str, str]:
        return {"PATH": os.defpath}


@pytest.fixture
def hooks(tmp_path: Path) -> Callable[[str], Hooks]:
    """Return a function that gives the hooks of a project with that backend."""

    def with_backend(code: str) -> Hooks:
        (tmp_path / "pyproject.toml").write_text(TABLE)
        (tmp_path / "backend.py").write_text(code)
        runner = Runner(log=tmp_path / "log.txt", reporter=SilentReporter())
        return Hooks(directory=tmp_path, environment=Environment(), runner=runner, check=lambda: None)

    return with_backend


CALLS: dict[str, Callable[[Hooks, Path], object]] = {
    "get_requires_for_build_wheel": lambda hooks, _: hooks.get_requires("wheel", {}),
    "get_requires_for_build_sdist": lambda hooks, _: hooks.get_requires("sdist", {}),
    "prepare_metadata_for_build_wheel": lambda hooks, into: hooks.metadata(into, {}),
    "build_wheel": lambda hooks, into: hooks.build("wheel", into, {}),
    "build_sdist": lambda hooks, into: hooks.build("sdist", into, {}),
}


@pytest.mark.parametrize("hook", CALLS)
@pytest.mark.parametrize("answer", ["[1]", "b'x'"])
def test_the_error_names_the_hook_and_what_it_returned(
    hooks: Callable[[str], Hooks], tmp_path: Path, hook: str, answer: str
) -> None:
    project = hooks(f"def {hook}(*_, **__):\n    return {answer}\n")
    with pytest.raises(BackendError) as caught:
        CALLS[hook](project, tmp_path / "into")
    assert caught.value.exit_code == 7
    assert f"hook {hook} failed" in caught.value.what
    says = {"[1]": "It returned", "b'x'": "not JSON serializable"}[answer]
    assert says in caught.value.why


@pytest.mark.parametrize("written", ["'{'", "'{}'", "'[' * 100000", "'null'"])
def test_a_hook_that_ends_its_process(hooks: Callable[[str], Hooks], tmp_path: Path, written: str) -> None:
    act = f"    open(sys.argv[2] + '/output.json', 'w').write({written})\n    os._exit(0)\n"
    code = f"import os, sys\ndef build_wheel(*_, **__):\n{act}"
    with pytest.raises(BackendError, match="hook build_wheel failed"):
        hooks(code).build("wheel", tmp_path / "into", {})


@pytest.mark.parametrize(("name", "called"), [("SIGSEGV", " (segmentation fault)"), ("SIGKILL", "")])
def test_a_hook_that_is_killed(hooks: Callable[[str], Hooks], tmp_path: Path, name: str, called: str) -> None:
    code = f"import os, signal\ndef build_wheel(*_, **__):\n    os.kill(os.getpid(), signal.{name})\n"
    with pytest.raises(BackendError) as caught:
        hooks(code).build("wheel", tmp_path / "into", {})
    killed = f": its backend's hook build_wheel was killed by {name}{called}."
    assert (caught.value.what[: len("Could not build ")], killed in caught.value.what) == ("Could not build ", True)
    hint = {"SIGSEGV": "A compiled module that it imported crashed.", "SIGKILL": "Build with fewer jobs"}[name]
    assert hint in caught.value.fix


def test_a_compiler_that_is_killed(hooks: Callable[[str], Hooks], tmp_path: Path) -> None:
    said = "gcc: fatal error: Killed signal terminated program cc1"
    code = f"def build_wheel(*_, **__):\n    raise SystemExit({said!r})\n"
    with pytest.raises(BackendError, match="hook build_wheel failed") as caught:
        hooks(code).build("wheel", tmp_path / "into", {})
    assert "cc1 was killed by SIGKILL" in caught.value.fix


def test_a_hook_that_prints_nothing(hooks: Callable[[str], Hooks], tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        hooks("def build_wheel(*_, **__):\n    raise SystemExit(3)\n").build("wheel", tmp_path / "into", {})
    assert caught.value.why == "It printed nothing."


def test_the_first_error_of_a_hook_is_shown(hooks: Callable[[str], Hooks], tmp_path: Path) -> None:
    lines = [
        "m.c:3:2: error: it needs libthing 3.0",
        *(f"m.c:{n}:1: error: unknown type" for n in range(99)),
        "the end",
    ]
    with pytest.raises(BackendError) as caught:
        hooks(f"def build_wheel(*_, **__):\n    raise SystemExit({chr(10).join(lines)!r})\n").build(
            "wheel", tmp_path / "into", {}
        )
    first, *_, rest, last = caught.value.why.splitlines()
    assert (first, rest, last) == (lines[0], "[82 more lines in the log]", "the end")
    assert lines[40] not in caught.value.why
