"""Findings that the user leaves out, or of which he wants nothing but these."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import crossbuild
from crossbuild.__main__ import main
from tests.unit.wheel_samples import SUFFIX, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

HOST = make_host(libc="glibc 2.36")
FILES = {
    f"probe/fast{SUFFIX}": make_elf(defines=["PyInit_fast"], executable_stack=True, text_relocations=True),
    f"probe/slow{SUFFIX}": b"",
}
"""Two risks, and an error."""


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("crossbuild.frontend.load_host", lambda *_, **__: HOST)
    return str(make_wheel(tmp_path, FILES))


def ids(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """Return the findings of a check, whether it passed or not."""
    main(["check", *words, "--host", "pi", "--json"])
    printed = json.loads(capsys.readouterr().out)
    return [finding["id"] for one in (*printed["wheels"], *printed["refused"]) for finding in one["findings"]]


def test_what_is_ignored_neither_refuses_nor_warns(wheel: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ids(capsys, wheel) == ["not-a-library", "executable-stack", "text-relocations"]
    assert ids(capsys, wheel, "--ignore", "not-a-library") == ["executable-stack", "text-relocations"]
    assert ids(capsys, wheel, "--ignore", "not-a-library,executable-stack") == ["text-relocations"]
    assert ids(capsys, wheel, "--ignore", "not-a-library", "--ignore", "executable-stack") == ["text-relocations"]
    assert main(["check", wheel, "--host", "pi", "--ignore", "not-a-library,executable-stack,text-relocations"]) == 0
    assert "[" not in capsys.readouterr().err


def test_nothing_but_what_is_selected_counts(wheel: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ids(capsys, wheel, "--select", "executable-stack") == ["executable-stack"]
    assert ids(capsys, wheel, "--select", "executable-stack", "--ignore", "executable-stack") == []
    assert ids(capsys, wheel, "--select", "not-a-library,executable-stack") == ["not-a-library", "executable-stack"]


def test_the_configuration_ignores_for_one_project(
    wheel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = str(make_wheel(tmp_path, FILES, project="other-1.0"))
    (tmp_path / "pyproject.toml").write_text('[tool.crossbuild.packages.Probe]\nignore = ["not-a-library"]\n')
    assert ids(capsys, wheel, "--ignore", "executable-stack") == ["text-relocations"]
    assert ids(capsys, other) == ["not-a-library", "executable-stack", "text-relocations"]


@pytest.mark.parametrize("option", ["--ignore", "--select"])
def test_an_id_that_no_finding_has_is_an_error(option: str, wheel: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", wheel, "--host", "pi", option, "not-a-library,exec-stack"]) == 2
    assert "There is no finding exec-stack. Did you mean executable-stack?" in capsys.readouterr().err


def test_an_archive_that_cannot_be_read_is_always_refused(
    wheel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "probe-1.0-py3-none-any.whl").write_bytes(b"PK")
    assert main(["check", wheel, "--host", "pi", "--ignore", "malformed-wheel"]) == 2
    assert "malformed-wheel cannot be ignored" in capsys.readouterr().err
    assert ids(capsys, "probe-1.0-py3-none-any.whl", "--select", "executable-stack") == ["malformed-wheel"]


@pytest.mark.parametrize(
    ("said", "why"),
    [("exec-stack", "There is no finding exec-stack"), ("malformed-wheel", "malformed-wheel cannot be ignored")],
)
def test_a_configuration_that_ignores_what_cannot_be(
    said: str, why: str, wheel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "crossbuild.toml").write_text(f'[packages.lxml]\nignore = ["{said}"]\n')
    for words in (["check", wheel, "--host", "pi"], ["wheel", wheel, "--host", "linux_aarch64"]):
        assert main(words) == 2
        assert f"ignore of [packages.lxml]: {why}" in capsys.readouterr().err


def test_a_wheel_keeps_its_tag_if_a_fault_of_it_is_ignored(tmp_path: Path) -> None:
    """What the host's tag promises does not hold."""
    newer = {f"probe/fast{SUFFIX}": make_elf(defines=["PyInit_fast"], versions={("libc.so.6", "GLIBC_2.40"): ["x"]})}
    wheel = make_wheel(tmp_path, newer, tag="cp311-cp311-linux_aarch64")
    ignored = crossbuild.BuildOptions(ignore=frozenset({"newer-glibc", "unpromised-version"}))
    report = crossbuild.check_wheel(wheel, host=make_host("manylinux_2_28_aarch64"), options=ignored)
    assert report.platform_tags == ("linux_aarch64",)


def test_a_program_ignores_and_selects(wheel: str) -> None:
    options = crossbuild.BuildOptions(ignore=frozenset({"not-a-library", "executable-stack"}))
    report = crossbuild.check_wheel(wheel, host=HOST, options=options)
    assert [finding.id for finding in report.findings] == ["text-relocations"]
    assert crossbuild.check_wheel(wheel, host=HOST, select=["build-path"]).findings == ()
    with pytest.raises(crossbuild.UsageError, match="no finding exec-stack"):
        crossbuild.check_wheel(wheel, host=HOST, select=["exec-stack"])
