"""The examples of the documentation, and what runs the parts of them that other systems would run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).parents[1]
EXAMPLES = REPOSITORY / "examples"
ACTION = REPOSITORY / "action.yml"
GITHUB = EXAMPLES / "github/wheels.yml"
GITLAB = EXAMPLES / "gitlab/.gitlab-ci.yml"

LIBRARY = REPOSITORY / "docs/how-to/use-as-a-library.md"

_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


def library_examples() -> dict[str, list[str]]:
    """Return the programs of the page about the library, by its headings."""
    _, *sections = re.split(r"^## ", LIBRARY.read_text(), flags=re.MULTILINE)
    programs = {one.splitlines()[0]: re.findall(r"```python\n(.*?)```", one, re.DOTALL) for one in sections}
    return {heading: found for heading, found in programs.items() if found}


def run_program(program: str, *, cwd: Path, environ: Mapping[str, str]) -> str:
    """Run a Python ``program``, which must succeed, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=cwd,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def load_yaml(file: Path) -> Any:
    """Return what ``file`` holds."""
    return YAML(typ="safe").load(file)


def run_script(script: str, *, cwd: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``script`` as GitHub's runner and GitLab's do: by bash, which stops at the first command that fails."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=cwd,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass(kw_only=True)
class ActionRun:
    """A run of this repository's action. What it uses of others' is stood in for: a Python, a cache."""

    workspace: Path
    temporary: Path
    environ: Mapping[str, str]
    python: str
    """What setup-python would install."""
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    """The actions it used, with what they were given."""
    printed: str = ""

    def __call__(self, **inputs: str) -> dict[str, str]:
        """Run it in the workspace until a step fails, and return its outputs."""
        action = load_yaml(ACTION)
        unknown = inputs.keys() - {name.replace("-", "_") for name in action["inputs"]}
        assert not unknown
        context = {"github.action_path": str(REPOSITORY), "runner.os": "Linux", "runner.arch": "X64"}
        for name, declared in action["inputs"].items():
            context[f"inputs.{name}"] = inputs.get(name.replace("-", "_"), declared.get("default", ""))
        for step in action["runs"]["steps"]:
            outputs, status = self._run_step(step, context)
            context |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in outputs.items()}
            if status:
                break
        return {name: _evaluated(output["value"], context) for name, output in action["outputs"].items()}

    def _run_step(self, step: dict[str, Any], context: Mapping[str, str]) -> tuple[dict[str, str], int]:
        if "uses" in step:
            name = step["uses"].partition("@")[0]
            self.used[name] = {key: _evaluated(str(value), context) for key, value in step["with"].items()}
            return {"python-path": self.python}, 0
        file = self.temporary / "outputs"
        file.write_text("")
        own = {name: _evaluated(value, context) for name, value in step.get("env", {}).items()}
        runner = {"GITHUB_OUTPUT": str(file), "RUNNER_TEMP": str(self.temporary)}
        assert not _EXPRESSION.search(step["run"]), "What a user says must not become code"
        done = run_script(step["run"], cwd=self.workspace, environ={**self.environ, **runner, **own})
        self.printed += done.stdout + done.stderr
        return dict(line.split("=", 1) for line in file.read_text().splitlines()), done.returncode


def _evaluated(text: str, context: Mapping[str, str]) -> str:
    """Return ``text`` with the values of its expressions; what is not set is nothing, as for GitHub."""
    return _EXPRESSION.sub(lambda found: context.get(found[1], ""), text)


def runner_environ(environ: Mapping[str, str], **changes: str) -> dict[str, str]:
    """Return ``environ`` without what tests may have set for crossbuild and GitHub, with ``changes``."""
    kept = {name: value for name, value in environ.items() if not name.startswith(("CROSSBUILD_", "GITHUB_"))}
    return {**kept, "PATH": environ.get("PATH", os.defpath), **changes}
