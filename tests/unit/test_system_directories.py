"""Where a host has its headers and libraries: each tool is told the same, and none is led to this machine's."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from crossbuild.diagnosis.development_files import check_sysroot
from crossbuild.native.ldconfig import write_ldconfig
from crossbuild.native.pkgconfig import pkg_config_directories
from crossbuild.platforms.platform import Platform
from crossbuild.platforms.system_directories import library_directories
from crossbuild.toolchain.zig import search_flags
from crossbuild.wheels.host_libraries import LibrarySearch
from tests.unit.host_samples import elf
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host

PLATFORM = Platform.from_tag("linux_aarch64")
FILES = ("libone.so.1", "libc.so.6", "crt1.o", "libc.so", "pkgconfig/one.pc")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A host whose ``/usr/lib`` and ``/etc`` are links to paths that this machine has, too, with files of its own."""
    root, here = tmp_path / "root", tmp_path / "here"
    there = root / str(here).lstrip("/")
    for directory, names in ((here, ("libevil.so.1", "pkgconfig/evil.pc")), (there, FILES)):
        (directory / "pkgconfig").mkdir(parents=True)
        for name in names:
            (directory / name).write_bytes(elf("aarch64"))
    (root / "usr/include").mkdir(parents=True)
    (root / "usr/include/stdio.h").touch()
    (root / "usr/lib").symlink_to(here)
    (root / "lib").symlink_to("usr/lib")
    return make_host("linux_aarch64", sysroot=root)


@pytest.fixture
def libraries(tmp_path: Path) -> Path:
    """The directory that the host calls ``/usr/lib``."""
    return tmp_path / "root" / str(tmp_path / "here").lstrip("/")


def test_a_machine_has_libraries_where_distributions_put_them() -> None:
    found = library_directories(PLATFORM)
    assert found.index("/usr/lib/aarch64-linux-gnu") < found.index("/usr/lib64") < found.index("/usr/lib")
    assert {"/lib", "/usr/local/lib", "/usr/local/lib/aarch64-linux-gnu", "/lib64"} <= {*found}
    assert not {"/lib64", "/usr/lib64"} & {*library_directories(Platform.from_tag("linux_armv7l"))}


def test_ldconfig_prints_the_libraries_of_the_host(tmp_path: Path, host: Host, libraries: Path) -> None:
    write_ldconfig(tmp_path, host)
    said = subprocess.run([tmp_path / "ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    assert f"libone.so.1 (libc6,AArch64) => {libraries}/libone.so.1" in said
    assert "libevil" not in said


def test_pkg_config_looks_in_the_host_s_directory(tmp_path: Path, host: Host, libraries: Path) -> None:
    assert pkg_config_directories(host, tmp_path / "python") == (tmp_path / "python", libraries / "pkgconfig")


def test_zig_searches_the_host_s_directory_and_what_is_installed_by_hand(host: Host, libraries: Path) -> None:
    root = host.sysroot
    assert root
    for place in ("include", "lib"):
        (root / "usr/local" / place).mkdir(parents=True)
    headers = [word for place in ("usr/local/include", "usr/include") for word in ("-idirafter", f"{root}/{place}")]
    assert [*search_flags(host.platform, root)] == [*headers, f"-L{root}/usr/local/lib", f"-L{libraries}"]


def test_the_loader_finds_the_libraries_of_the_host(host: Host) -> None:
    search = LibrarySearch.from_host(host)
    assert search.find("libone.so.1", ())
    assert search.find("libevil.so.1", ()) is None


def test_included_configuration_is_that_of_the_host(tmp_path: Path, host: Host) -> None:
    root, here = tmp_path / "root", tmp_path / "conf"
    for directory, name in ((here, "evil"), (root / str(here).lstrip("/"), "opt")):
        directory.mkdir(parents=True)
        (directory / f"{name}.conf").write_text(f"/{name}/lib\n")
    (root / "etc").mkdir()
    (root / "etc/ld.so.conf").write_text("include ld.so.conf.d/*.conf\n")
    (root / "etc/ld.so.conf.d").symlink_to(here)
    assert LibrarySearch.from_host(host).directories[0] == "/opt/lib"


def test_the_doctor_looks_in_the_host_s_directory(host: Host) -> None:
    assert check_sysroot(host, host.sysroot, brings_libc=False).state == "ok"
