"""Builds that use what they have built: it is for the host, and cannot run here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.commands import copy_project
from tests.cross.ways import SYNTHESISED
from tests.reports import ALONE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.cross


def test_who_imports_a_module_for_the_host_hears_so(
    crossbuild: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, tmp_path: Path
) -> None:
    project = copy_project("skbuild-core-nanobind-stubs", tmp_path / "project")
    done = crossbuild("wheel", project, "-w", tmp_path / "wheels", host=debian_arm64, compilers=gnu_aarch64)
    assert done.returncode == 7
    file = r"skbuild_core_nanobind_stubs\.cpython-3\d+-aarch64-linux-gnu\.so"
    why = (
        rf"imported {file}, which is for the host and cannot run on this machine \(in nanobind/stubgen\.py, line \d+\)"
    )
    assert re.search(why, done.stderr)
    assert "-C cmake.define.OPTION=OFF" in done.stderr


@pytest.mark.matrix
def test_who_imports_a_module_for_the_host_can_do_without(
    crossbuild: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, tmp_path: Path
) -> None:
    project = copy_project("skbuild-core-nanobind-stubs", tmp_path / "project")
    told = ("-C", "cmake.define.STUBS=OFF", "-w", tmp_path / "wheels")
    done = crossbuild("wheel", project, *told, host=debian_arm64, compilers=gnu_aarch64)
    assert done.returncode == 0, done.stderr
    assert [path.name[:30] for path in (tmp_path / "wheels").iterdir()] == ["skbuild_core_nanobind_stubs-1."]


GOES_ON = """
import os, subprocess
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

with open("probe.c", "w") as file:
    file.write("int main(void) { return 0; }")
subprocess.check_call(["cc", "-o", "probe", "probe.c"])
try:
    subprocess.call([os.path.abspath("probe")])
except OSError:
    pass
subprocess.check_call(["cc", "-o", "tool", "probe.c"])
subprocess.call(["sh", "build.sh"])


class Importing(build_ext):
    def run(self):
        super().run()
        path = {"PYTHONPATH": self.build_lib}
        subprocess.call([os.sys.executable, "-c", "import setuptools_c"], env=path, stderr=subprocess.DEVNULL)


setup(ext_modules=[Extension("setuptools_c", ["facts.c"])], cmdclass={"build_ext": Importing})
"""


@pytest.mark.needs("notices of execve")
def test_a_build_that_goes_on_without_what_it_ran_ends_with_a_warning(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    (project / "setup.py").write_text(GOES_ON)
    (project / "build.sh").write_text("./tool 2>/dev/null || :\n")
    done = crossbuild("wheel", project, "-w", tmp_path, *ALONE, host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stderr.split())
    assert "ran probe (setup.py, line 10)" in told
    assert "ran tool (sh build.sh)" in told
    assert re.search(r"imported setuptools_c\.cpython-3\d+-aarch64-linux-gnu\.so \(<string>, line 1\)", told)
    assert "which are for the host" in told


GENERATOR = """
add_executable(generator generator.c)
add_custom_command(OUTPUT table.h COMMAND {command} > table.h DEPENDS generator)
add_custom_target(table ALL DEPENDS table.h)
"""


@pytest.mark.parametrize("command", ["generator", "$<TARGET_FILE:generator>"])
def test_a_program_for_the_host_cannot_be_run(command: str, crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("skbuild-core-c", tmp_path / "project")
    (project / "generator.c").write_text("int main(void) { return 0; }\n")
    with (project / "CMakeLists.txt").open("a") as file:
        file.write(GENERATOR.format(command=command))
    done = crossbuild("wheel", project, "-w", tmp_path, *ALONE, host=SYNTHESISED)
    assert done.returncode == 7
    assert "The build ran generator, which is for the host and cannot run on this machine" in done.stderr
    assert "provided by" not in done.stderr, "no package of a distribution is offered for it"


def test_cmakes_questions_to_the_host_can_be_answered(crossbuild: Crossbuild, tmp_path: Path) -> None:
    # CMake 3.25 crashes.
    project = copy_project("skbuild-core-new-policy", tmp_path / "project")
    with (project / "CMakeLists.txt").open("a") as file:
        file.write('include(CheckCSourceRuns)\ncheck_c_source_runs("int main(void) { return 0; }" LUCK)\n')
    done = crossbuild("wheel", project, "-w", tmp_path, *ALONE, host=SYNTHESISED)
    assert done.returncode == 7
    assert "-C cmake.define.LUCK_EXITCODE=…" in done.stderr
    done = crossbuild("wheel", project, "-w", tmp_path, "-C", "cmake.define.LUCK_EXITCODE=0", host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
