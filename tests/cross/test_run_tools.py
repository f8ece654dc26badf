"""What people type inside, for a host that no Python describes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.elf import read_elf
from tests.commands import copy_project
from tests.cross.ways import SYNTHESISED
from tests.cross.wheelfiles import WheelFile
from tests.inside import run_inside
from tests.testbed import tools

if TYPE_CHECKING:
    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed

pytestmark = pytest.mark.cross

SUFFIX = ".cpython-311-aarch64-linux-gnu.so"
MAKEFILE = """
all: answer from-default-cc helper
\t./helper
answer: answer.c
\t$(CC) -o $@ answer.c
from-default-cc: answer.c
\tcc -o $@ answer.c
helper: answer.c
\t$(CC_FOR_BUILD) -o $@ answer.c
"""
BY_HAND = """
make CC=$CC >&2
c++ -shared -fPIC cxx.cpp -o cxx.so
cc -c answer.c -o answer.o
ar rcs libanswer.a answer.o
cc $(python3-config --cflags) -fPIC -shared module.c -o module$(python3-config --extension-suffix)
pkg-config --modversion python-3.11
python -c 'import sysconfig; print(sysconfig.get_platform())'
python -m sysconfig | grep -c linux-aarch64
"""


@pytest.fixture
def with_compiler(crossbuild: Crossbuild, bed: Bed) -> Crossbuild:
    """The command line on a machine that has a compiler of its own."""
    return replace(crossbuild, programs=(*crossbuild.programs, *tools.native_compilers(bed)))


def machine(file: Path) -> str:
    return read_elf(file.name, file.read_bytes(), symbols=False).machine


def test_compilers_and_makefiles(with_compiler: Crossbuild, tmp_path: Path) -> None:
    (tmp_path / "answer.c").write_text("int main(void) { return 0; }\n")
    (tmp_path / "cxx.cpp").write_text("#include <string>\nstd::string words() { return {}; }\n")
    (tmp_path / "module.c").write_text("#include <Python.h>\nPyMODINIT_FUNC PyInit_module(void) { return 0; }\n")
    (tmp_path / "Makefile").write_text(MAKEFILE)
    version, platform, lines = run_inside(with_compiler, BY_HAND, host=SYNTHESISED, cwd=tmp_path).split()
    assert (version, platform) == ("3.11", "linux-aarch64")
    assert int(lines) > 0
    for name in ("answer", "from-default-cc", "cxx.so", "answer.o", f"module{SUFFIX}"):
        assert machine(tmp_path / name) == "EM_AARCH64", name
    # It was made to run here, and did.
    assert machine(tmp_path / "helper") == machine(Path("/proc/self/exe"))


BUILDS = """
python setup.py --quiet bdist_wheel --dist-dir by-setup
python setup.py --quiet build_ext --inplace
python -m build --quiet --wheel --no-isolation --outdir by-build
uv build --quiet --wheel --out-dir by-uv
! python -m build --wheel --outdir isolated 2>&1
"""


def test_a_wheel_is_the_hosts_by_whichever_frontend(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    options = ("--for", ".", "--with", "build", "--with", "uv")
    printed = run_inside(crossbuild, BUILDS, *options, host=SYNTHESISED, cwd=project)
    for way in ("by-setup", "by-build", "by-uv"):
        (wheel,) = (project / way).glob("*.whl")
        content = WheelFile.from_path(wheel)
        assert content.tags == ("cp311-cp311-linux_aarch64",)
        assert content.machines == {f"setuptools_c{SUFFIX}": "AARCH64 64 little"}
    assert machine(project / f"setuptools_c{SUFFIX}") == "EM_AARCH64"
    assert "--no-isolation" in printed
    assert not (project / "isolated").exists()


CMAKE_LIBRARY = """
cmake_minimum_required(VERSION 3.15)
project(answer C)
add_library(answer SHARED answer.c)
install(TARGETS answer EXPORT answer)
install(EXPORT answer DESTINATION lib/cmake/answer FILE answer-config.cmake)
"""
CMAKE_USER = """
cmake_minimum_required(VERSION 3.15)
project(user C)
find_package(answer REQUIRED)
find_library(FOUND answer REQUIRED)
if("/usr" IN_LIST CMAKE_FIND_ROOT_PATH)
  message(FATAL_ERROR "This machine's libraries would be found.")
endif()
add_executable(user user.c)
target_link_libraries(user PRIVATE answer)
"""
CMAKE = """
cmake -S library -B built-library -DCMAKE_INSTALL_PREFIX=$PWD/stage
cmake --build built-library --target install
cmake -S user -B by-option -DCMAKE_PREFIX_PATH=$PWD/stage
cmake --build by-option
CMAKE_PREFIX_PATH=/usr:$PWD/stage cmake -S user -B by-variable
cmake --build by-variable
"""


def test_cmake_finds_what_was_built_before(crossbuild: Crossbuild, tmp_path: Path) -> None:
    for name, listing in (("library", CMAKE_LIBRARY), ("user", CMAKE_USER)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "CMakeLists.txt").write_text(listing)
    (tmp_path / "library/answer.c").write_text("int answer(void) { return 42; }\n")
    (tmp_path / "user/user.c").write_text("int answer(void);\nint main(void) { return answer(); }\n")
    run_inside(crossbuild, CMAKE, "--with", "cmake", host=SYNTHESISED, cwd=tmp_path)
    for way in ("by-option", "by-variable"):
        assert machine(tmp_path / way / "user") == "EM_AARCH64"


MESON_PROJECT = """
project('answer', 'c')
library('answer', 'answer.c')
executable('helper', 'helper.c', native: true)
message('mine', meson.get_external_property('mine', 'unset'))
"""
MESON = """
meson setup built >&2
ninja -C built >&2
meson setup own --cross-file own.ini
meson setup --wipe own
"""


def test_meson_needs_no_cross_file_and_takes_the_users(with_compiler: Crossbuild, tmp_path: Path) -> None:
    (tmp_path / "meson.build").write_text(MESON_PROJECT)
    (tmp_path / "answer.c").write_text("int answer(void) { return 42; }\n")
    (tmp_path / "helper.c").write_text("int main(void) { return 0; }\n")
    (tmp_path / "own.ini").write_text("[properties]\nmine = 'set'\n")
    tools_of_meson = ("--with", "meson", "--with", "ninja")
    printed = run_inside(with_compiler, MESON, *tools_of_meson, host=SYNTHESISED, cwd=tmp_path)
    assert machine(tmp_path / "built/libanswer.so") == "EM_AARCH64"
    assert machine(tmp_path / "built/helper") == machine(Path("/proc/self/exe"))
    assert printed.count("Build type: cross build") == printed.count("Message: mine set") == 2
