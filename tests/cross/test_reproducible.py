"""The same bytes from the same sources: for whoever builds, and shown by a second build."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import copy_project
from tests.cross.failures import assert_fails
from tests.cross.ways import SYNTHESISED

if TYPE_CHECKING:
    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross

RECORDING = """
import json, pathlib, sys, sysconfig, tempfile
from setuptools import Extension, setup

recorded = [sys.executable, sysconfig.get_path("include"), tempfile.mkdtemp()]
pathlib.Path("recorded.json").write_text(json.dumps(recorded))
code = '#include "Python.h"\\nconst char *where = __FILE__ __BASE_FILE__;\\n'
pathlib.Path("where.c").write_text(code)
sources = ["facts.c", str(pathlib.Path("where.c").resolve())]
setup(
    data_files=[("share/x", ["recorded.json"])],
    ext_modules=[Extension("setuptools_c", sources, extra_compile_args=["-g", "-UNDEBUG"])],
)
"""
"""A setup.py that writes down where it is, and has the compiler do so."""
WITH_LIBRARY = """
add_library(own SHARED own.c)
target_link_libraries(skbuild_core_c PRIVATE -Wl,--no-as-needed own)
set_target_properties(skbuild_core_c PROPERTIES INSTALL_RPATH $ORIGIN)
install(TARGETS own DESTINATION .)
"""
"""Lines of a CMakeLists.txt that give an extension a library of its own."""


def test_two_users_get_the_same_bytes(crossbuild: Crossbuild, tmp_path: Path) -> None:
    # One cache by two names is two caches to all that knows where it is.
    other = crossbuild.cache_dir.with_name("crossbuild-by-another-name")
    if not other.is_symlink():
        other.symlink_to(crossbuild.cache_dir)
    users = {
        "me": {"LANG": "C.UTF-8", "TZ": "UTC"},
        "somebody-else": {
            "LANG": "tr_TR.UTF-8",
            "TZ": "Asia/Tokyo",
            "PYTHONHASHSEED": "7",
            "CROSSBUILD_CACHE_DIR": str(other),
        },
    }
    contents, original = [], copy_project("setuptools-c", tmp_path / "project")
    (original / "setup.py").write_text(RECORDING)
    for user, variables in users.items():
        home = tmp_path / user
        (home / "tmp").mkdir(parents=True)
        project = shutil.copytree(original, home / "project")
        environ = {"HOME": str(home), "USER": user, "TMPDIR": str(home / "tmp"), **variables}
        done = crossbuild("wheel", project, "-w", home / "wheels", host=SYNTHESISED, environ=environ)
        assert done.returncode == 0, done.stderr
        contents.append(Path(done.stdout.strip()).read_bytes())
    assert contents[0] == contents[1]


def test_a_wheel_that_is_in_the_cache_is_built_twice_all_the_same(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("setuptools-c", tmp_path / "setuptools_c-1.0")
    (project / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: setuptools-c\nVersion: 1.0\n")
    sdist = tmp_path / "setuptools_c-1.0.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        archive.add(project, project.name)
    first = crossbuild("wheel", sdist, "-w", tmp_path / "first", host=SYNTHESISED)
    assert first.returncode == 0, first.stderr
    second = crossbuild("wheel", sdist, "-w", tmp_path / "second", "--reproducible", host=SYNTHESISED)
    assert second.returncode == 0, second.stderr
    assert "Build setuptools-c 1.0 again" in second.stderr
    assert "is reproducible: a second build gave the same bytes" in second.stderr
    assert Path(second.stdout.strip()).read_bytes() == Path(first.stdout.strip()).read_bytes()


def test_the_length_of_the_build_directorys_name_stays_out_of_a_library(crossbuild: Crossbuild, tmp_path: Path) -> None:
    """CMake links with a run path of the build directory, and writes that of the installed library over it."""
    project = copy_project("skbuild-core-c", tmp_path / "project")
    (project / "own.c").write_text("int own(void) { return 1; }\n")
    with (project / "CMakeLists.txt").open("a") as lists:
        lists.write(WITH_LIBRARY)
    done = crossbuild("wheel", project, "-w", tmp_path / "wheels", "--reproducible", host=SYNTHESISED)
    assert done.returncode == 0, done.stderr


def test_a_wheel_that_depends_on_when_and_where_it_is_built_is_not_delivered(
    crossbuild: Crossbuild, tmp_path: Path
) -> None:
    project = copy_project("not-reproducible", tmp_path / "not-reproducible")
    done = crossbuild("wheel", project, "-w", tmp_path / "wheels", "--reproducible", host=SYNTHESISED)
    told = (
        "is not reproducible: a second build gave other bytes, so it is not delivered",
        "about.py differs in line 1: the time of the build",
        "version.py differs in line 1: the time of the build",
        "paths.py differs in line 1: the home directory",
        "SOURCE_DATE_EPOCH",
    )
    assert_fails(done, 14, *told, nothing_in=tmp_path / "wheels")
    (native,) = (line for line in done.stderr.splitlines() if "native." in line and "differs in" in line)
    assert ".rodata" in native
    assert native.endswith(": the build directory")
    kept = Path(next(word for word in done.stderr.split() if word.endswith(".whl") and word.startswith("/"))).parents[1]
    assert len(list(kept.glob("*/*.whl"))) == 2
