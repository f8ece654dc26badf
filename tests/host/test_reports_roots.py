"""What people reported of their roots: directories of a vendor's, and Pythons that say odd things of their build."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.elf import read_elf
from tests.breadth import alone, cases
from tests.commands import PROJECTS, BuiltWheels
from tests.cross.wheelfiles import WheelFile
from tests.host.building import assert_on_host
from tests.reports import WAYS
from tests.testbed.machines import MACHINES
from tests.testbed.roots import change_build_variables, linked_copy, rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.host.building import Builder

pytestmark = pytest.mark.host

TWO_LANGUAGES = """
import twolang_c, twolang_cxx
assert twolang_cxx.look("two") == 2
try:
    twolang_cxx.look("three")
except KeyError:
    pass
else:
    raise AssertionError("C++'s exception was not caught")
"""
FOREIGN = "/home/builder/out/host/lib"
VENDOR_PC = """prefix=/opt/vendor
libdir=${prefix}/lib
includedir=${prefix}/include

Name: vendor
Description: of the board's vendor
Version: 1
Libs: -L${libdir} -lvendor
Cflags: -I${includedir}
"""
GNU_COMPILERS = {"aarch64": "gnu_aarch64", "armv7l": "gnu_armhf"}


def launched(architecture: str) -> Mapping[str, str]:
    """Return the build variables of a Python that ccache compiled, linked for the machine that it was compiled on."""
    gcc, gxx = (f"ccache {MACHINES[architecture].gnu}-{name}" for name in ("gcc", "g++"))
    foreign = f"-L{FOREIGN} -Wl,-rpath,{FOREIGN} -Wl,--enable-new-dtags"
    programs = {"CC": gcc, "CXX": gxx, "LINKCC": gcc, "BLDSHARED": f"{gcc} -shared"}
    return {**programs, "LDSHARED": f"{gcc} -shared {foreign}", "LDCXXSHARED": f"{gxx} -shared {foreign}"}


@pytest.mark.parametrize(
    ("way", "setuptools"),
    cases(((way, which) for way in WAYS for which in ("", "==71.*")), quick=[("armhf-gnu", "")]),
)
def test_a_compiler_launcher_in_the_hosts_build_variables_is_left_out(
    setuptools: str, builder: Builder, tmp_path: Path
) -> None:
    host = linked_copy(builder.host, tmp_path / "root")
    change_build_variables(host, launched(host.architecture))
    project = shutil.copytree(PROJECTS / "reports/two-languages", tmp_path / "project")
    backend = f'requires = ["setuptools{setuptools}"]\nbuild-backend = "setuptools.build_meta"\n'
    (project / "pyproject.toml").write_text(f"[build-system]\n{backend}")
    wheel = builder.on(host).wheel(project, into=tmp_path)
    assert_on_host(host, TWO_LANGUAGES, wheel, tmp_path / "site")
    for module in (tmp_path / "site").glob("*.so"):
        assert FOREIGN.encode() not in module.read_bytes()


@pytest.mark.matrix
@pytest.mark.parametrize("way", WAYS)
def test_build_variables_are_known_by_what_they_say(way: str, builder: Builder, tmp_path: Path) -> None:
    host = linked_copy(builder.host, tmp_path / "root")
    change_build_variables(host, {}, name="_sysconfigdata__linux_x86_64-linux-gnu.py")
    wheel = builder.on(host).wheel(PROJECTS / "reports/two-languages", into=tmp_path)
    assert wheel.name.endswith(f"-linux_{host.architecture}.whl")
    assert_on_host(host, TWO_LANGUAGES, wheel, tmp_path / "site")


@pytest.mark.matrix
def test_a_host_like_this_machine_keeps_its_own_headers(crossbuild: Crossbuild, tmp_path: Path) -> None:
    machine = os.uname().machine
    release = {"x86_64": "debian:bookworm:amd64", "aarch64": "debian:bookworm:arm64"}[machine]
    options = ("--no-deps", *crossbuild.build_python_for((3, 11)), "-w", str(tmp_path))
    done = crossbuild("wheel", PROJECTS / "reports/two-languages", *options, host=release)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.endswith(f"-cp311-cp311-linux_{machine}.whl")
    suffix = f".cpython-311-{machine}-linux-gnu.so"
    assert set(WheelFile.from_path(wheel).machines) == {f"twolang_c{suffix}", f"twolang_cxx{suffix}"}


@pytest.fixture
def with_vendor(builder: Builder, request: pytest.FixtureRequest, tmp_path: Path) -> Builder:
    """What builds for a host that has a library in /opt/vendor, which pkg-config knows."""
    host = linked_copy(builder.host, tmp_path / "root")
    gnu = MACHINES[host.architecture].gnu
    compilers: Path = request.getfixturevalue(GNU_COMPILERS[host.architecture])
    library = host.root / "opt/vendor/lib/libvendor.so.1"
    library.parent.mkdir(parents=True)
    (tmp_path / "vendor.c").write_text("long vendor_answer(void) { return 42; }\n")
    options = (f"--sysroot={host.root}", "-shared", "-fPIC", "-Wl,-soname,libvendor.so.1", "-o", library)
    builder.crossbuild.bed.run([compilers / f"{gnu}-gcc", *options, tmp_path / "vendor.c"])
    library.with_name("libvendor.so").symlink_to(library.name)
    rewrite(host.root / "opt/vendor/include/vendor.h", "long vendor_answer(void);\n")
    rewrite(host.root / f"usr/lib/{gnu}/pkgconfig/vendor.pc", VENDOR_PC)
    return builder.on(host)


@pytest.mark.parametrize(
    ("name", "way"),
    cases(
        ((name, way) for name in ("vendor-setuptools", "vendor-meson") for way in WAYS),
        quick=[("vendor-setuptools", "arm64-zig"), ("vendor-meson", "armhf-gnu")],
    ),
)
def test_a_directory_of_the_hosts_root_is_searched_and_may_be_a_run_path(
    name: str, with_vendor: Builder, tmp_path: Path
) -> None:
    host = with_vendor.host
    wheel = with_vendor.wheel(shutil.copytree(PROJECTS / "reports" / name, tmp_path / "project"), into=tmp_path)
    site = BuiltWheels.unpacked(wheel, tmp_path / "site")
    (module,) = site.glob("vendored.*.so")
    read = read_elf(module.name, module.read_bytes(), symbols=False)
    assert read.search_paths == ("/opt/vendor/lib",)
    assert_on_host(host, "import vendored; assert vendored.ask() == 42", wheel, site)


@pytest.mark.parametrize("way", alone(WAYS, quick=["arm64-gnu"]))
def test_the_release_of_the_host_is_told(builder: Builder, tmp_path: Path) -> None:
    host = linked_copy(builder.host, tmp_path / "root")
    rewrite(host.root / "etc/os-release", 'ID=boardos\nVERSION_ID="7"\n')
    wheel = builder.on(host).wheel(PROJECTS / "reports/os-release", into=tmp_path)
    check = "import released as r; assert (r.opened, r.asked) == ('boardos', 'boardos'), (r.opened, r.asked)"
    assert_on_host(host, check, wheel, tmp_path / "site")
