"""Which build requirements need a copy for the host, and what of it takes the place of the build machine's."""

from __future__ import annotations

import os
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from crossbuild.building.overlay.lay import lay
from crossbuild.building.overlay.needs import find_needs
from crossbuild.errors import RequirementsError
from tests.unit.session_samples import make_build_venv

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.building.build_venv import BuildVenv
    from crossbuild.building.overlay.needs import HostNeed

BUILD = {
    "thing/__init__.py": "print('build')",
    "thing/_core.cpython-311-x86_64-linux-gnu.so": "x86 code",
    "thing/include/sizes.h": "#define LONG 8",
    "thing/include/same.h": "int same(void);",
    "thing/lib/libthing.a": "x86 archive",
    "thing/lib/libx86only.a": "x86 archive",
    "thing/thing.pxd": "cdef int same()",
    "../../../include/site/python3.11/thing/api.h": "x86 api",
}
HOST = {
    "thing/__init__.py": "print('host')",
    "thing/_core.cpython-311-arm-linux-gnueabihf.so": "arm code",
    "thing/include/sizes.h": "#define LONG 4",
    "thing/include/same.h": "int same(void);",
    "thing/include/arm.h": "int neon(void);",
    "thing/lib/libthing.a": "arm archive",
    "thing/thing.pxd": "cdef int same()",
    "thing-1.0.data/headers/api.h": "arm api",
    "thing-1.0.data/scripts/thing-tool.h": "a script",
    "thing-1.0.data/data/share/cmake/thing/thing.cmake": "set(thing 1)",
    "../escaped.h": "out of the venv",
    "/etc/crossbuild-escaped.h": "out of the venv",
    "thing-1.0.data/data//etc/crossbuild-escaped.h": "out of the venv",
    "thing-1.0.dist-info/licence.h": "metadata",
}


def install(site_packages: Path, name: str, files: Mapping[str, str]) -> None:
    """Write what an installer leaves behind."""
    metadata = site_packages / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    for file, text in files.items():
        place = Path(os.path.normpath(site_packages / file))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


@pytest.fixture
def venv(tmp_path: Path) -> BuildVenv:
    return make_build_venv(tmp_path)


@pytest.fixture
def site_packages(venv: BuildVenv) -> Path:
    return venv.site_packages


@pytest.fixture
def need(site_packages: Path) -> HostNeed:
    install(site_packages, "thing", BUILD)
    (found,) = find_needs(site_packages)
    return found


@pytest.mark.parametrize(
    ("files", "needed"),
    [
        pytest.param(("t/a.h", "t/libt.a"), True, id="headers and an archive"),
        pytest.param(("t/a.h", "t/_t.abi3.so"), True, id="headers and an extension"),
        pytest.param(("t/t.cmake", "t/libt.so.1"), True, id="CMake files and a library"),
        pytest.param(("t/a.h", "t/t.cmake"), False, id="headers alone"),
        pytest.param(("t/t.cmake", "t/bin/t"), False, id="a program and its files"),
        pytest.param(("t/t.pxd", "t/_t.abi3.so"), False, id="an extension and what Cython reads, which no build makes"),
        pytest.param(("t/t.py",), False, id="pure Python"),
    ],
)
def test_what_can_be_compiled_against_and_is_compiled_itself(
    files: tuple[str, ...], site_packages: Path, *, needed: bool
) -> None:
    install(site_packages, "T_t", dict.fromkeys(files, ""))
    assert [need.name for need in find_needs(site_packages)] == (["t-t"] if needed else [])
    assert [need.name for need in find_needs(site_packages, {"t-t"})] == ["t-t"]


def test_a_need_is_for_the_version_that_is_installed(need: HostNeed) -> None:
    assert need.version == Version("1.0")
    assert need.has_machine_code


@pytest.mark.parametrize("generated", [False, True])
def test_what_the_sdist_holds_as_it_is_was_made_for_no_machine(
    site_packages: Path, tmp_path: Path, *, generated: bool
) -> None:
    install(site_packages, "tool", {"tool/rt/run.h": "int run(void);", "tool/_tool.so": "x86 code"})
    (need,) = find_needs(site_packages)
    source = tmp_path / "tool-1.0"
    (source / "src").mkdir(parents=True)
    (source / "setup.py").write_text("")
    (source / "src/run.h").write_text("int @run@(void);" if generated else "int run(void);")
    with tarfile.open(tmp_path / "tool-1.0.tar.gz", "w:gz") as archive:
        archive.add(source, "tool-1.0")
    assert not need.has_machine_code
    assert need.is_as_in(tmp_path / "tool-1.0.tar.gz", tmp_path / "unpacked") is not generated


def test_the_host_takes_the_place_of_the_build_machine_where_compilers_look(
    need: HostNeed, venv: BuildVenv, site_packages: Path, tmp_path: Path
) -> None:
    wheel = tmp_path / "thing-1.0-cp311-cp311-linux_armv7l.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in HOST.items():
            archive.writestr(name, text)
    in_a_cache = tmp_path / "sizes.h"
    os.link(site_packages / "thing/include/sizes.h", in_a_cache)
    changed = lay(wheel, over=need, venv=venv)
    assert in_a_cache.read_text() == "#define LONG 8"
    assert {str(file.relative_to(venv.directory)) for file in changed} == {
        "lib/python3.11/site-packages/thing/include/sizes.h",
        "lib/python3.11/site-packages/thing/include/arm.h",
        "lib/python3.11/site-packages/thing/lib/libthing.a",
        "lib/python3.11/site-packages/thing/lib/libx86only.a",
        "include/site/python3.11/thing/api.h",
        "share/cmake/thing/thing.cmake",
    }
    now = {
        str(file.relative_to(venv.directory)): file.read_text()
        for file in venv.directory.rglob("*")
        if file.is_file() and "dist-info" not in file.parent.name
    }
    prefix = "lib/python3.11/site-packages/thing/"
    assert now == {
        f"{prefix}__init__.py": "print('build')",
        f"{prefix}_core.cpython-311-x86_64-linux-gnu.so": "x86 code",
        f"{prefix}include/sizes.h": "#define LONG 4",
        f"{prefix}include/same.h": "int same(void);",
        f"{prefix}include/arm.h": "int neon(void);",
        f"{prefix}lib/libthing.a": "arm archive",
        f"{prefix}thing.pxd": "cdef int same()",
        "include/site/python3.11/thing/api.h": "arm api",
        "share/cmake/thing/thing.cmake": "set(thing 1)",
    }
    assert not (site_packages.parent / "escaped.h").exists()
    assert not Path("/etc/crossbuild-escaped.h").exists()


@pytest.mark.parametrize("length", [0, 100])
def test_a_broken_wheel_changes_nothing(need: HostNeed, venv: BuildVenv, tmp_path: Path, length: int) -> None:
    wheel = tmp_path / "thing-1.0-cp311-cp311-linux_armv7l.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("thing/include/sizes.h", "#define LONG 4")
    wheel.write_bytes(wheel.read_bytes()[:length])
    with pytest.raises(RequirementsError, match=wheel.name):
        lay(wheel, over=need, venv=venv)
    assert (venv.site_packages / "thing/include/sizes.h").read_text() == "#define LONG 8"
