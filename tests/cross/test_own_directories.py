"""crossbuild's own directories, which a build sees everywhere, in what it makes."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.elf import read_elf
from tests.commands import copy_project
from tests.cross.ways import SYNTHESISED

if TYPE_CHECKING:
    from tests.commands import Crossbuild
    from tests.cross.ways import Way

pytestmark = pytest.mark.cross

SETUP = """
import json, pathlib, sys
from sysconfig import get_config_var
from setuptools import Extension, setup

libraries = [get_config_var("LIBDIR"), "$ORIGIN"]
pathlib.Path("recorded.json").write_text(json.dumps({"argv": [sys.executable, "-m", "x"]}))
setup(
    data_files=[("share/x", ["recorded.json"])],
    ext_modules=[Extension("setuptools_c", ["facts.c"], library_dirs=libraries, runtime_library_dirs=libraries)],
)
"""


def test_run_paths_are_the_hosts_and_recorded_paths_are_the_same_for_all(
    way: Way, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    (project / "setup.py").write_text(SETUP)
    options = (*way.options, "-w", str(tmp_path / "wheels"))
    done = crossbuild("wheel", project, *options, host=way.host, compilers=way.compilers)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(Path(done.stdout.strip())) as wheel:
        content = wheel.read(f"setuptools_c{way.suffix}")
        recorded = wheel.read("setuptools_c-1.0.data/data/share/x/recorded.json")
    *own, last = read_elf("setuptools_c", content, symbols=False).search_paths
    # Of a tag, no Python's directories are known.
    assert own == ([] if way.host == SYNTHESISED else ["/usr/lib/aarch64-linux-gnu"])
    assert last == "$ORIGIN"
    assert bytes(crossbuild.cache_dir) not in content
    assert json.loads(recorded)["argv"][0] == "/crossbuild/cross-venv/bin/python"
    assert "share/x/recorded.json: names /crossbuild/" in done.stderr
