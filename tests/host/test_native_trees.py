"""What pip installs natively, and crossbuild for the machine that it runs on: the same files in the same places."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.testbed.cpython import build_python
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed

pytestmark = pytest.mark.host

FILES = {
    "tool.py": b"def main(): pass\n",
    "tool-1.0.dist-info/entry_points.txt": b"[console_scripts]\ntool = tool:main\n",
    "tool-1.0.data/scripts/plain-tool": b"#!python\nimport tool\n",
    "tool-1.0.data/scripts/shell-tool": b"#!/bin/sh\n",
    "tool-1.0.data/data/share/tool/table": b"1\n",
    "tool-1.0.data/headers/tool.h": b"\n",
    "tool-1.0.data/platlib/tool_data/x": b"x\n",
}


def contents(root: Path) -> dict[str, tuple[int, bytes]]:
    """Return the mode and the content of every file, without what docs/reference/images.md says is different."""
    files = {str(path.relative_to(root)): path for path in root.rglob("*") if not path.is_dir()}
    return {
        name: (path.stat().st_mode, told(path)) for name, path in files.items() if path.name != "provenance_url.json"
    }


def told(path: Path) -> bytes:
    content = path.read_bytes()
    if path.name == "RECORD":
        rows = csv.reader(content.decode().splitlines())
        return "\n".join(sorted(name for name, *_ in rows if not name.endswith("provenance_url.json"))).encode()
    if path.name == "direct_url.json":
        return str(json.loads(content)["url"]).encode()
    if path.name == "INSTALLER" or path.suffix == ".pyc":
        return b""
    if path.parent.name == "bin" and b"sys.exit(" in content:
        # What is made for an entry point: the rest is another with each version of pip.
        return b"\n".join(line for line in content.splitlines() if line.startswith((b"#!", b"from ", b"    sys.exit(")))
    return content


@pytest.mark.parametrize("prefix", [(), ("--prefix", "/opt/app")], ids=["own-prefix", "other-prefix"])
def test_the_files_are_those_of_pip(prefix: tuple[str, ...], bed: Bed, crossbuild: Crossbuild, tmp_path: Path) -> None:
    python = build_python(bed, sys.version_info[:2]).executable
    tool = make_wheel(tmp_path, FILES, project="tool-1.0", tag="py3-none-any", requires=["click"])
    (tmp_path / "requirements.txt").write_text(f"flask\npyyaml\nuvicorn[standard]\n{tool}\n")
    words = ("-r", str(tmp_path / "requirements.txt"), *prefix, "--root")
    options = ("--ignore-installed", "--no-warn-script-location", "--disable-pip-version-check", "--quiet")
    variables = {**bed.environ, "PIP_USER": "0", "PIP_BREAK_SYSTEM_PACKAGES": "1"}
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", *options, *words, tmp_path / "native"],
        env=variables,
        check=True,
    )
    done = crossbuild("install", *words, tmp_path / "image", "--compile", host=str(python))
    assert done.returncode == 0, done.stderr
    native, image = contents(tmp_path / "native"), contents(tmp_path / "image")
    assert native.keys() == image.keys()
    assert {name for name in native if native[name] != image[name]} == set()
