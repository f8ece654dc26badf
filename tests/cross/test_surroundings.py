"""Projects that need more than their own directory, built as in place."""

from __future__ import annotations

import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cross.ways import SYNTHESISED

if TYPE_CHECKING:
    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross

SETUP = """\
import subprocess
from pathlib import Path
from setuptools import Extension, setup
version = subprocess.check_output(["git", "describe", "--dirty", "--tags"], text=True)
sources = ["answer.c", "../../core/core.c"]
setup(
    version=version.strip(),
    long_description=Path("../../README.md").read_text(),
    ext_modules=[Extension("answer", sources, include_dirs=["../../core"])],
)
"""
PYPROJECT = """\
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"
[project]
name = "answer"
dynamic = ["version", "readme"]
"""
MODULE = """\
#include <Python.h>
#include <core.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, FROM_CORE, NULL, -1, NULL};
PyMODINIT_FUNC PyInit_answer(void) { core(); return PyModule_Create(&definition); }
"""
REPOSITORY = {
    "README.md": "The readme of the whole repository.\n",
    "core/core.h": '#define FROM_CORE "answer"\nvoid core(void);\n',
    "core/core.c": '#include "core.h"\nvoid core(void) {}\n',
    "bindings/python/pyproject.toml": PYPROJECT,
    "bindings/python/setup.py": SETUP,
    "bindings/python/answer.c": MODULE,
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    top = tmp_path / "repository"
    for name, text in REPOSITORY.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "All"], ["tag", "v4.5.7"]):
        subprocess.run(["git", *words], cwd=top, check=True)
    subprocess.run(["git", "worktree", "add", "-q", "../worktree"], cwd=top, check=True)
    return top


def files_in(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_a_project_is_built_with_what_is_beside_it(repository: Path, crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = "bindings/python"
    specs = [str(repository / project), str(repository / project), str(repository.parent / "worktree" / project)]
    specs.append(f"answer @ git+{repository.as_uri()}@v4.5.7#subdirectory={project}")
    before = files_in(tmp_path)

    def build(number: int) -> Path:
        words = ("wheel", specs[number], "--no-deps", "-w", crossbuild.temporary / f"{tmp_path.name}-{number}")
        done = crossbuild(*words, host=SYNTHESISED)
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())

    with ThreadPoolExecutor() as threads:
        wheels = [*threads.map(build, range(len(specs)))]
    assert files_in(tmp_path) == before
    assert {wheel.name.split("-")[1] for wheel in wheels} == {"4.5.7"}
    assert len({wheel.read_bytes() for wheel in wheels[:2]}) == 1
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            metadata = archive.read("answer-4.5.7.dist-info/METADATA").decode()
        assert "The readme of the whole repository." in metadata


def test_a_directory_is_made_into_an_sdist_elsewhere(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='plain', version='1', py_modules=['a'])"
    )
    (project / "a.py").touch()
    done = crossbuild("sdist-to-wheel", project, "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in project.iterdir()} == {"setup.py", "a.py"}


def test_a_submodule_that_is_not_checked_out_is_named(repository: Path, crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = repository / "bindings/python"
    (repository / ".gitmodules").write_text('[submodule "core"]\n\tpath = core\n\turl = https://example.org/core\n')
    for words in (["rm", "-rq", "core"], ["add", "--all"], ["commit", "-qm", "Elsewhere"], ["tag", "v4.5.8"]):
        subprocess.run(["git", *words], cwd=repository, check=True)
    (repository / "core").mkdir()
    done = crossbuild("wheel", project, "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert done.returncode == 7, done.stderr
    assert "core is a submodule that is not checked out." in done.stderr
    assert "git submodule update --init --recursive" in done.stderr
