"""What CMake finds and links, and what it does not."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.elf import read_elf
from tests.commands import copy_project
from tests.cross.ways import SYNTHESISED

if TYPE_CHECKING:
    from tests.commands import BuiltWheels, Crossbuild
    from tests.cross.ways import Way

pytestmark = pytest.mark.cross


def needed(wheel: Path) -> set[str]:
    """Return the libraries that the only ELF file of ``wheel`` needs."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".so"))
        return set(read_elf(name, archive.read(name)).needed)


def test_a_module_leaves_the_symbols_of_python_to_the_interpreter(way: Way, built_wheels: BuiltWheels) -> None:
    assert {name.partition(".")[0] for name in needed(way.sample(built_wheels, "skbuild-legacy"))} <= {"libc"}


STANDARD = """
foreach(name m dl pthread rt)
  find_library(FOUND_${name} ${name} REQUIRED)
  target_link_libraries(skbuild_core_c PRIVATE ${FOUND_${name}})
endforeach()
find_library(ZLIB_LIBRARY z)
find_path(ZLIB_HEADERS zlib.h)
if(ZLIB_LIBRARY OR ZLIB_HEADERS)
  message(FATAL_ERROR "${ZLIB_LIBRARY} ${ZLIB_HEADERS}")
endif()
"""


@pytest.mark.parametrize("toolchain", ["zig", "gnu"])
def test_without_a_sysroot_the_parts_of_libc_are_found_and_nothing_else(
    toolchain: str, crossbuild: Crossbuild, gnu_aarch64: Path, tmp_path: Path
) -> None:
    project = copy_project("skbuild-core-c", tmp_path / "project")
    with (project / "CMakeLists.txt").open("a") as file:
        file.write(STANDARD)
    source = (project / "facts.c").read_text()
    calls = "#include <math.h>\ndouble of(double x) { return sin(x); }\n"
    (project / "facts.c").write_text(source + calls)
    host = SYNTHESISED if toolchain == "zig" else "manylinux_2_36_aarch64"
    done = crossbuild(*("wheel", project, "-w", tmp_path, "--toolchain", toolchain), host=host, compilers=gnu_aarch64)
    assert done.returncode == 0, done.stderr
    assert "libm.so.6" in needed(Path(done.stdout.strip()))
