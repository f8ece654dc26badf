"""The build Python: found by version and ABI where such interpreters are kept, or a refusal that says what to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.build_python.discovery import BuildPython, find_build_python
from crossbuild.build_python.provision import provide_build_python
from crossbuild.errors import BuildPythonError
from crossbuild.reporting import SilentReporter

if TYPE_CHECKING:
    from collections.abc import Mapping

OTHER = (3, 13) if sys.version_info[:2] != (3, 13) else (3, 12)
"""A version that is not the running Python's."""
NAME = "python{}.{}".format(*OTHER)


def interpreter(file: Path, *, micro: int = 0, flags: str = "", version: tuple[int, int] = OTHER) -> Path:
    """Write a program that answers as a Python, and counts how often it was asked."""
    facts = {
        "executable": str(file),
        "version": [*version, micro],
        "implementation": "cpython",
        "abi_flags": flags,
        "prefix": str(file.parent.parent),
        "stdlib": str(file.parent.parent / "lib"),
        "platstdlib": "",
        "include": str(file.parent.parent / "include"),
        "multiarch": "",
        "sysconfigdata_name": "",
        "platform": "linux-x86_64",
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho >>'{file}.asked'\ncat <<'END'\n{json.dumps(facts)}\nEND\n")
    file.chmod(0o755)
    return file


def times_asked(file: Path) -> int:
    told = Path(f"{file}.asked")
    return len(told.read_text()) if told.exists() else 0


def machine(tmp_path: Path, **changes: str) -> Mapping[str, str]:
    """Return the environment of a machine that has nothing but what a test puts into ``tmp_path``."""
    return {"PATH": f"{tmp_path}/bin:/bin", "HOME": str(tmp_path / "home"), **changes}


def found(environ: Mapping[str, str], flags: str = "") -> Path:
    return find_build_python(OTHER, flags, environ=environ).executable


def test_the_running_one(tmp_path: Path) -> None:
    python = find_build_python(sys.version_info[:2], sys.abiflags, environ=machine(tmp_path))
    assert python.version == sys.version_info[:3]


@pytest.mark.parametrize(
    ("place", "variables", "flags"),
    [
        (f"bin/{NAME}", {}, ""),
        (f"bin/{NAME}t", {}, "t"),
        (f"bin/{NAME}d", {}, "d"),
        (f"bin/{NAME}td", {}, "td"),
        (f"bin/{NAME}-dbg", {}, "d"),
        (f"home/.pyenv/versions/3.x.0t/bin/{NAME}t", {}, "t"),
        (f"own/versions/3.x.0/bin/{NAME}", {"PYENV_ROOT": "own"}, ""),
        (f"home/.local/share/uv/python/cpython-3.x.0+freethreaded-linux-x86_64-gnu/bin/{NAME}t", {}, "t"),
        (f"data/uv/python/cpython-3.x.0-linux-x86_64-gnu/bin/{NAME}", {"XDG_DATA_HOME": "data"}, ""),
        (f"uvs/cpython-3.x.0+debug-linux-x86_64-gnu/bin/{NAME}d", {"UV_PYTHON_INSTALL_DIR": "uvs"}, "d"),
    ],
)
def test_where_interpreters_are_kept(place: str, variables: Mapping[str, str], flags: str, tmp_path: Path) -> None:
    python = interpreter(tmp_path / place, flags=flags)
    environ = machine(tmp_path, **{name: str(tmp_path / value) for name, value in variables.items()})
    assert found(environ, flags) == python
    others = {"", "t", "d", "td"} - {flags}
    for other in others:
        with pytest.raises(BuildPythonError):
            find_build_python(OTHER, other, environ=environ)


def test_empty_variables_are_unset_ones(tmp_path: Path) -> None:
    python = interpreter(tmp_path / f"home/.pyenv/versions/3.x/bin/{NAME}")
    assert found(machine(tmp_path, PYENV_ROOT="", UV_PYTHON_INSTALL_DIR="", XDG_DATA_HOME="")) == python


def test_a_name_that_lies(tmp_path: Path) -> None:
    interpreter(tmp_path / f"bin/{NAME}", version=(3, 5))
    (tmp_path / f"home/.pyenv/versions/broken/bin/{NAME}").mkdir(parents=True)
    interpreter(tmp_path / f"home/.pyenv/versions/other/bin/{NAME}", flags="d")
    python = interpreter(tmp_path / f"home/.pyenv/versions/right/bin/{NAME}")
    assert found(machine(tmp_path)) == python


def test_nobody_is_asked_twice_or_in_vain(tmp_path: Path) -> None:
    first = interpreter(tmp_path / f"bin/{NAME}", micro=7)
    (tmp_path / "links").mkdir()
    (tmp_path / f"links/{NAME}").symlink_to(first)
    second = interpreter(tmp_path / f"home/.pyenv/versions/3.x/bin/{NAME}")
    shim = interpreter(tmp_path / f"home/.pyenv/shims/{NAME}", version=(3, 5))
    environ = machine(tmp_path, PATH=f"{tmp_path}/home/.pyenv/shims:{tmp_path}/links:{tmp_path}/bin")
    assert find_build_python(OTHER, environ=environ).version[2] == 7
    assert (times_asked(shim), times_asked(first), times_asked(second)) == (0, 1, 0)


@pytest.mark.parametrize("micro", [0, 5, 99])
def test_the_third_number_may_differ(micro: int, tmp_path: Path) -> None:
    python = interpreter(tmp_path / "own", micro=micro)
    assert find_build_python(OTHER, explicit=python, environ=machine(tmp_path)).version == (*OTHER, micro)


@pytest.mark.parametrize(
    ("own", "flags", "facts"),
    [
        ({"version": (3, 5)}, "", ("is Python 3.5.0, but the host is Python {}.{}.", "minor version")),
        ({}, "t", ("is Python {}.{}.0, but the host is Python {}.{}t.", "free-threaded Python (t)")),
        ({"flags": "t"}, "", ("is Python {}.{}.0t, but the host is Python {}.{}.", "free-threaded Python (t)")),
        ({"flags": "d"}, "td", ("is Python {}.{}.0d, but the host is Python {}.{}td.", "debug one (d)")),
    ],
)
def test_one_that_does_not_fit(own: Mapping[str, Any], flags: str, facts: tuple[str, ...], tmp_path: Path) -> None:
    python = interpreter(tmp_path / "own", **own)
    with pytest.raises(BuildPythonError) as caught:
        find_build_python(OTHER, flags, explicit=python, environ=machine(tmp_path))
    for fact in facts:
        assert fact.format(*OTHER, *OTHER) in str(caught.value)


@pytest.mark.parametrize("flags", ["", "t", "d"])
def test_none_at_all(flags: str, tmp_path: Path) -> None:
    with pytest.raises(BuildPythonError) as caught:
        find_build_python(OTHER, flags, environ=machine(tmp_path))
    wanted = "{}.{}".format(*OTHER) + flags
    assert caught.value.fix.splitlines()[0] == f"uv python install {wanted}"
    assert "--provision" in caught.value.fix
    assert ("apt install" in caught.value.fix) == (not flags), "Debian has no such package"


def test_what_is_no_python(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho who are you? >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(BuildPythonError, match="who are you"):
        BuildPython.from_executable(program)


def test_nothing_is_downloaded_offline_or_in_vain(tmp_path: Path) -> None:
    def provide() -> BuildPython:
        environ = machine(tmp_path)
        return provide_build_python(OTHER, "", offline="UV_OFFLINE", reporter=SilentReporter(), environ=environ)

    with pytest.raises(BuildPythonError, match="UV_OFFLINE forbids"):
        provide()
    interpreter(tmp_path / f"bin/{NAME}")
    assert provide().version[:2] == OTHER
