"""The action for GitHub and the job for GitLab, run as these would run their steps; the wheels run on a host."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import copy_project
from tests.examples import ACTION, GITHUB, GITLAB, REPOSITORY, ActionRun, load_yaml, run_script, runner_environ
from tests.host.test_samples import facts_on
from tests.printed.places import script
from tests.printed.report import ran

if TYPE_CHECKING:
    from tests.commands import Crossbuild
    from tests.printed.report import Recorder
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

TAG = "manylinux_2_28_aarch64"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A checkout of a project."""
    return copy_project("setuptools-c", tmp_path / "checkout")


@pytest.fixture
def environ(crossbuild: Crossbuild) -> dict[str, str]:
    """The variables of a runner."""
    return runner_environ(crossbuild.bed.environ, CROSSBUILD_CACHE_DIR=str(crossbuild.cache_dir))


@pytest.fixture
def action(workspace: Path, environ: dict[str, str], tmp_path: Path) -> ActionRun:
    temporary = tmp_path / "runner"
    temporary.mkdir()
    return ActionRun(workspace=workspace, temporary=temporary, environ=environ, python=sys.executable)


@pytest.mark.matrix
def test_the_action_builds_wheels(
    action: ActionRun, crossbuild: Crossbuild, debian_arm64: HostRoot, tmp_path: Path, record_property: Recorder
) -> None:
    """Its source is installed, so that what it runs is what is tested here; then it says why it fails."""
    build_python = crossbuild.build_python_for(debian_arm64.version)
    outputs = action(
        host=TAG, python="{}.{}".format(*debian_arm64.version), args=f"{build_python[0]} '{build_python[1]}'"
    )
    (path,) = json.loads(outputs["wheels"])
    wheel = action.workspace / path
    assert (wheel.parent.name, wheel.exists()) == (outputs["wheel-dir"], True), action.printed
    assert wheel.name.endswith("aarch64.whl")
    assert json.loads(Path(outputs["json"]).read_text())["wheels"][0]["path"] == path
    assert facts_on(debian_arm64, wheel, tmp_path)

    (step,) = (step for job in load_yaml(GITHUB)["jobs"].values() for step in job["steps"] if "run" in step)
    listed = run_script(re.sub(r"\$\{\{.*\}\}", path, step["run"]), cwd=action.workspace, environ=action.environ)
    assert path in listed.stdout

    cached = action.used["actions/cache"]
    assert cached["path"] == str(crossbuild.cache_dir)
    assert cached["key"].startswith(cached["restore-keys"])
    assert "," not in cached["key"]

    outputs = action(host=TAG, specs="./\n\n  ./not there  \n")
    assert json.loads(outputs["wheels"]) == []
    (annotation,) = (line for line in action.printed.splitlines() if line.startswith("::error::"))
    assert "not there" in annotation
    assert json.loads(Path(outputs["json"]).read_text())["error"]["fix"].splitlines()[0] in annotation
    for command in (*script(ACTION).commands, *script(GITHUB).commands):
        ran(record_property, command)


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    (job,) = load_yaml(GITHUB)["jobs"].values()
    (step,) = (step for step in job["steps"] if step.get("id") == "crossbuild")
    action = load_yaml(ACTION)
    assert step["with"].keys() <= action["inputs"].keys()
    used = re.findall(r"steps\.crossbuild\.outputs\.([\w-]+)", GITHUB.read_text())
    assert used
    assert set(used) <= action["outputs"].keys()


@pytest.mark.matrix
def test_the_job_for_gitlab_builds_wheels(
    workspace: Path,
    environ: dict[str, str],
    crossbuild: Crossbuild,
    debian_arm64: HostRoot,
    tmp_path: Path,
    record_property: Recorder,
) -> None:
    job = load_yaml(GITLAB)["wheels"]
    (matrix,) = job["parallel"]["matrix"]
    assert TAG in matrix["CROSSBUILD_HOST"]
    told = {"CROSSBUILD_HOST": TAG, "PYTHON": "{}.{}".format(*debian_arm64.version), "CROSSBUILD": str(REPOSITORY)}
    told["PATH"] = os.pathsep.join((*map(str, crossbuild.programs), environ["PATH"]))
    commands = script(GITLAB).commands
    done = run_script("\n".join(command.line for command in commands), cwd=workspace, environ=environ | told)
    assert done.returncode == 0, done.stderr
    (path,) = (wheel["path"] for wheel in json.loads((workspace / "crossbuild.json").read_text())["wheels"])
    wheel = workspace / path
    assert [wheel] == list(workspace.glob(job["artifacts"]["paths"][0]))
    assert facts_on(debian_arm64, wheel, tmp_path)
    for command in commands:
        ran(record_property, command)
