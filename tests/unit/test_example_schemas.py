"""The files that CI systems read are what these systems' schemas say."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.examples import ACTION, GITHUB, GITLAB

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = {
    ACTION: ("github-actions",),
    GITHUB: ("github-workflows",),
    GITLAB: ("gitlab-ci", "--data-transform", "gitlab-ci"),
}


@pytest.mark.parametrize("file", SCHEMAS, ids=lambda file: file.name)
def test_a_file_for_ci_is_what_its_schema_says(file: Path) -> None:
    """The schemas come with check-jsonschema; nothing is fetched."""
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", *SCHEMAS[file], str(file))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
