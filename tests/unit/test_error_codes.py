"""Each kind of error on the command line that shows before anything is compiled: its exit code and its hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TAG = "manylinux_2_28_aarch64"

Failure = tuple[int, str]


@pytest.fixture
def fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Failure]:
    """Return a function that runs a command line that must fail, and returns its exit code and what it said."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("CROSSBUILD_HOST", "PIP_FIND_LINKS", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"PIP_NO_INDEX": "1", "HOME": home, "PATH": home, "CROSSBUILD_CACHE_DIR": home / "c"}.items():
        monkeypatch.setenv(name, str(value))
    wheels = tmp_path / "wheels"

    def fail(*arguments: str | Path, host: str | Path = TAG) -> Failure:
        code = main(["wheel", *map(str, arguments), "--host", str(host), "-w", str(wheels)])
        said = capsys.readouterr()
        assert said.out == ""
        assert "Traceback" not in said.err
        assert not wheels.exists() or not any(wheels.iterdir())
        return code, said.err

    return fail


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory that looks like a project."""
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "pyproject.toml").write_text("")
    return directory


def hint(said: str) -> str:
    return said.rpartition("\nhint: ")[2]


@pytest.mark.parametrize("spec", ["numpy=", "./not-there", "thing-1.0-py3-none-any.whl"])
def test_a_spec_that_cannot_be_meant(spec: str, fail: Callable[..., Failure]) -> None:
    code, said = fail(spec)
    assert code == 2
    assert spec in said
    assert hint(said)


@pytest.mark.parametrize(
    ("host", "meant"),
    [
        ("/nowhere/bin/python3.11", "manylinux_2_28_aarch64"),
        ("win_amd64", "cibuildwheel"),
        ("manylinux_2_28_z80", "aarch64"),
        ("manylinux_2_x_aarch64", "manylinux_2_28_aarch64"),
        ("arm", "manylinux_2_28_armv7l"),
    ],
)
def test_a_host_that_cannot_be_read(host: str, meant: str, fail: Callable[..., Failure], project: Path) -> None:
    code, said = fail(project, host=host)
    assert code == 3
    assert host in said
    assert meant in hint(said)


def test_a_host_directory_without_a_python(fail: Callable[..., Failure], project: Path, tmp_path: Path) -> None:
    code, said = fail(project, host=tmp_path)
    assert code == 3
    assert str(tmp_path) in said
    assert hint(said)


def test_a_version_that_no_python_here_has(fail: Callable[..., Failure], project: Path) -> None:
    code, said = fail(project, "--python", "3.99")
    assert code == 4
    assert "3.99" in said
    assert "uv python install 3.99" in hint(said)
    assert "--build-python" in hint(said)


def test_a_build_python_that_is_none(fail: Callable[..., Failure], project: Path, tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    code, said = fail(project, "--build-python", tmp_path / "python")
    assert code == 4
    assert str(tmp_path / "python") in said
    assert "--build-python" in hint(said)


@pytest.mark.parametrize("toolchain", ["gnu", "/nowhere/bin/aarch64-linux-gnu-"])
def test_a_toolchain_that_is_not_there(toolchain: str, fail: Callable[..., Failure], project: Path) -> None:
    code, said = fail(project, "--toolchain", toolchain)
    assert code == 5
    assert "aarch64-linux-gnu-gcc" in said
    assert "--toolchain zig" in hint(said)


def test_a_libc_that_is_older_than_zig_can_link_for(fail: Callable[..., Failure], project: Path) -> None:
    code, said = fail(project, host="manylinux_2_12_x86_64")
    assert code == 5
    assert "2.17" in said
    assert "manylinux_2_17_x86_64" in hint(said)


def test_a_project_that_no_index_knows(fail: Callable[..., Failure], tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    code, said = fail("no-such-thing", "--find-links", tmp_path / "links")
    assert code == 6
    assert "no-such-thing" in said
    assert hint(said)


def test_a_project_without_sdists(fail: Callable[..., Failure], tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links/thing-1.0-py3-none-any.whl").write_bytes(b"")
    code, said = fail("thing", "--find-links", tmp_path / "links")
    assert code == 6
    assert "sdist" in said
    assert hint(said)


def test_an_option_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wheel", "thing", "--host", TAG, "--optimise"]) == 2
    assert "--optimise" in capsys.readouterr().err


def test_a_build_machine_that_is_not_linux(
    fail: Callable[..., Failure], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    code, said = fail(project)
    assert code == 2
    assert "darwin" in said
