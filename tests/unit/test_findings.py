"""Every finding of the check has an ID, which is explained."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import crossbuild
from crossbuild.cli.app import main
from crossbuild.wheels.rules import RULES
from tests.unit.host_samples import SamplePython
from tests.unit.wheel_samples import make_elf, make_wheel

if TYPE_CHECKING:
    from crossbuild.wheels.rules import Rule


def ids_in_code() -> set[str]:
    package = Path(crossbuild.__file__).parent / "wheels"
    texts = [file.read_text() for file in package.glob("*.py") if file.name != "rules.py"]
    return {found for text in texts for found in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text)} & {*RULES}


def test_every_rule_is_applied() -> None:
    assert ids_in_code() == {*RULES}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_says_what_why_and_what_to_do(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    for text in (rule.what, rule.why, rule.fix):
        assert text.endswith(".")
    assert len(rule.what) < 100, "it is a headline"
    assert ". " not in rule.what + rule.why, "each is one sentence"


def test_a_finding_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "executable-stack"]) == 0
    said = capsys.readouterr().out
    rule = RULES["executable-stack"]
    assert said.splitlines()[0] == "executable-stack (warning)"
    assert all(text in said for text in (rule.what, rule.why, rule.fix))


def test_every_line_of_a_finding_ends_with_its_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tag, name = "cp38-abi3-linux_aarch64", "app/core.abi3.so"
    SamplePython(root=tmp_path / "sysroot").install()
    content = make_elf(defines=["PyInit_core"], executable_stack=True, runpath="lib")
    risky = make_wheel(tmp_path, {name: content}, tag=tag, project="risky-1.0")
    wrong = make_wheel(tmp_path, {name: b"", "app/more.so": b""}, tag=tag, project="wrong-1.0")
    (tmp_path / f"torn-1.0-{tag}.whl").write_bytes(b"PK")
    host = ("--host", str(tmp_path / "sysroot/usr"), "--no-progress")
    assert main(["check", *map(str, (risky, wrong, tmp_path / f"torn-1.0-{tag}.whl")), *host]) == 8
    said = [line for line in capsys.readouterr().err.splitlines() if "app/" in line or "cannot be read" in line]
    assert [line.rpartition("[")[2] for line in said] == [
        *("relative-run-path]", "executable-stack]"),
        *("not-a-library]", "not-a-library]"),
        "malformed-wheel]",
    ]


def test_all_findings_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [*RULES]


def test_an_id_that_is_nearly_right_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "exec-stack"]) == 2
    assert "There is no finding exec-stack. Did you mean executable-stack?" in capsys.readouterr().err


def test_a_program_gets_the_findings_of_each_wheel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    SamplePython(root=tmp_path / "sysroot").install()
    suffix = ".abi3.so"
    content = make_elf(defines=["PyInit_core"], executable_stack=True)
    risky = make_wheel(tmp_path, {f"app/core{suffix}": content}, tag="cp38-abi3-linux_aarch64", project="risky-1.0")
    wrong = make_wheel(tmp_path, {f"app/core{suffix}": b""}, tag="cp38-abi3-linux_aarch64", project="wrong-1.0")
    words = ["check", str(risky), str(wrong), "--host", str(tmp_path / "sysroot/usr"), "--json"]
    assert main(words) == 8
    document = json.loads(capsys.readouterr().out)
    (passed,), (refused,) = document["wheels"], document["refused"]
    assert passed["findings"] == [
        {
            "id": "executable-stack",
            "severity": "warning",
            "file": f"app/core{suffix}",
            "text": "asks for an executable stack, and glibc 2.41 and newer refuse to load it",
            "why": RULES["executable-stack"].why,
            "fix": RULES["executable-stack"].fix,
        }
    ]
    assert main([*words, "--sarif", str(tmp_path / "found.sarif")]) == 8
    (run,) = json.loads((tmp_path / "found.sarif").read_text())["runs"]
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("executable-stack", "warning"),
        ("not-a-library", "error"),
    ]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [*RULES]
    (place,) = run["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == risky.as_uri()
    assert refused["path"] == str(wrong)
    assert [finding["id"] for finding in refused["findings"]] == ["not-a-library"]
