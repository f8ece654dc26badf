"""A root whose installation is killed is whole afterwards, at whatever step it happens."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crossbuild.errors import InstallError
from crossbuild.image.renames import STAGING, Plan
from crossbuild.image.transaction import recover

ABOVE = Path(__file__).parents[2]


@pytest.mark.parametrize(("action", "least"), [("upgrade", 40), ("uninstall", 10), ("rollback", 15)])
def test_killed_at_every_step(tmp_path: Path, action: str, least: int) -> None:
    command = [sys.executable, "-m", "tests.unit.image_killed", action, str(tmp_path)]
    done = subprocess.run(command, cwd=ABOVE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > least


def test_what_was_only_begun_is_dropped(tmp_path: Path) -> None:
    (tmp_path / STAGING / "new").mkdir(parents=True)
    (tmp_path / STAGING / ".plan.json.1.tmp").write_text("{")
    recover(tmp_path)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("path", ["../evil", "{outside}/evil", "link/evil"])
def test_a_plan_that_leads_outside_is_not_followed(tmp_path: Path, path: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "evil"
    (root / STAGING / "new").mkdir(parents=True)
    (root / "link").symlink_to(tmp_path)
    outside.write_text("precious")
    plan = Plan(writes={path.format(outside=tmp_path): f"{STAGING}/new/0"}, saved={})
    (root / STAGING / "plan.json").write_text(json.dumps(plan.facts))
    with pytest.raises(InstallError, match="cannot be undone") as raised:
        recover(root)
    assert "outside of the root" in raised.value.why
    assert outside.read_text() == "precious"
