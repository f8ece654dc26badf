"""Run paths into the sysroot become the host's; all else in a wheel stays as it was."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.interpreter.shadow import CrossPython
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.platforms.elf import read_elf
from crossbuild.wheels.runpaths import host_names, localise_run_paths, with_host_names
from crossbuild.wheels.wheel_contents import read_wheel
from tests.unit.wheel_samples import make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from crossbuild.host.model import Host

SYSROOT = Path("/somewhere/sys root")
NAMES = {SYSROOT: "/"}


def read_member(wheel: Path, name: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name)


@pytest.mark.parametrize("architecture", ["aarch64", "armv7l", "s390x", "i686"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{SYSROOT}/usr/lib/multi", "/usr/lib/multi"),
        (f"$ORIGIN:{SYSROOT}/usr/lib:/opt:{SYSROOT}/lib:", "$ORIGIN:/usr/lib:/opt:/lib:"),
        (f"{SYSROOT}", "/"),
        (f"{SYSROOT}2/lib", f"{SYSROOT}2/lib"),
        ("$ORIGIN/../lib", "$ORIGIN/../lib"),
    ],
)
def test_directories_are_called_as_on_the_host(architecture: str, before: str, after: str) -> None:
    content = make_elf(architecture, runpath=before, needed=("libc.so.6", "libz.so.1"))
    new = read_elf("a.so", with_host_names(content, NAMES))
    assert ":".join(new.search_paths) == after
    assert new.needed == ("libc.so.6", "libz.so.1")


def test_both_kinds_of_run_path_are_seen_to() -> None:
    content = make_elf("aarch64", rpath=f"{SYSROOT}/a", runpath=f"{SYSROOT}/b:{SYSROOT}/c")
    assert read_elf("a.so", with_host_names(content, NAMES)).search_paths == ("/a", "/b", "/c")


def test_a_wheel_stays_whole(tmp_path: Path) -> None:
    elf = make_elf("aarch64", runpath=f"{SYSROOT}/usr/lib")
    wheel = make_wheel(tmp_path, {"a.so": elf, "a.py": f"path = {str(SYSROOT)!r}".encode()})
    localise_run_paths(wheel, NAMES)
    contents = read_wheel(wheel)
    assert contents.problems == ()
    assert contents.elf_files[0].search_paths == ("/usr/lib",)
    assert read_member(wheel, "a.py") == f"path = {str(SYSROOT)!r}".encode()


def test_a_wrong_record_is_left_for_the_audit_to_refuse(tmp_path: Path) -> None:
    elf = make_elf("aarch64", runpath=f"{SYSROOT}/usr/lib")
    wheel = make_wheel(tmp_path, {"a.so": elf}, unrecorded={"b.py": b"x = 1\n"})
    localise_run_paths(wheel, NAMES)
    (problem,) = read_wheel(wheel).problems
    assert (problem.file, problem.text) == ("b.py", "is not mentioned in RECORD")


def test_nothing_is_written_where_nothing_is_to_do(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"a.so": make_elf("aarch64", runpath="$ORIGIN"), "b.so": b"\x7fELF" + bytes(SYSROOT)})
    before = wheel.stat()
    localise_run_paths(wheel, NAMES)
    assert (wheel.stat().st_ino, wheel.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


SHADOW = Path("/home/me/.cache/crossbuild/cross-python/0123456789abcdef")
LIBRARIES = SHADOW / "lib/aarch64-linux-gnu"


CROSS_PYTHON = CrossPython(
    executable=SHADOW / "bin/python3.11",
    version=(3, 11, 2),
    prefix=SHADOW,
    stdlib=SHADOW / "lib/python3.11",
    config_vars=SHADOW / "lib/python3.11/_sysconfigdata__linux_aarch64-linux-gnu.py",
    include=SHADOW / "include/python3.11",
    libraries=LIBRARIES,
    pkgconfig=LIBRARIES / "pkgconfig",
)


def names_of(host: Host) -> dict[Path, str]:
    return host_names(host, CROSS_PYTHON, BuildDirectory(path=Path("/scratch/build")))


def python_of(sysroot: Path | None = None) -> Host:
    """Return a host whose Python is in ``/opt/python``."""
    host = make_host(libc="glibc 2.36", sysroot=sysroot)
    return replace(host, build_time_vars={"LIBDIR": "/opt/python/lib64", "prefix": "/opt/python"})


@pytest.mark.parametrize("architecture", ["aarch64", "armv7l", "s390x", "i686"])
@pytest.mark.parametrize("field", ["rpath", "runpath"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{LIBRARIES}", "/opt/python/lib64"),
        (f"$ORIGIN:{LIBRARIES}/:/x", "$ORIGIN:/opt/python/lib64:/x"),
        (f"{SHADOW}/lib", "/opt/python/lib"),
        (f"{SHADOW}/lib/python3.11/config/..", "/opt/python/lib/python3.11"),
        (f"{SYSROOT}{'/..' * 32}{LIBRARIES}", "/opt/python/lib64"),
        ("/scratch/build/cross-venv/lib", "/opt/python/lib"),
        (f"/scratch/build/libraries:{SYSROOT}/usr/lib", "/usr/lib"),
        (f"{SYSROOT}/usr/lib:/scratch/build/libraries:$ORIGIN", "/usr/lib:$ORIGIN"),
        ("/scratch/build/libraries", ""),
        ("/scratch/building/libraries", "/scratch/building/libraries"),
    ],
)
def test_crossbuilds_own_directories_become_the_hosts(architecture: str, field: str, before: str, after: str) -> None:
    needed = ("libc.so.6", "libz.so.1")
    rpath, runpath = (before, "") if field == "rpath" else ("", before)
    content = make_elf(architecture, needed=needed, soname="libx.so", rpath=rpath, runpath=runpath)
    new = with_host_names(content, names_of(python_of(SYSROOT)))
    elf = read_elf("a.so", new)
    assert ":".join(elf.rpath if field == "rpath" else elf.runpath) == after
    assert (elf.needed, elf.soname) == (needed, "libx.so")
    if before != after:
        assert not any(bytes(path) in new for path in (SHADOW.parent, SYSROOT, Path("/scratch/build/")))
    assert len(new) == len(content)


def test_where_the_hosts_python_was_found_is_not_where_it_is_on_the_host() -> None:
    host = replace(python_of(), prefix=Path("/home/me/python"))
    content = make_elf("aarch64", runpath="/home/me/python/lib64")
    assert read_elf("a.so", with_host_names(content, names_of(host))).runpath == ("/opt/python/lib64",)


@pytest.mark.parametrize("tag", ["manylinux_2_28_aarch64", "musllinux_1_2_aarch64", "linux_aarch64"])
def test_a_tag_has_no_python_whose_directories_are_known(tag: str) -> None:
    content = make_elf("aarch64", runpath=f"{LIBRARIES}:$ORIGIN")
    assert read_elf("a.so", with_host_names(content, names_of(make_host(tag)))).runpath == ("$ORIGIN",)


@pytest.mark.parametrize(("tag", "after"), [("manylinux_2_28_aarch64", ()), ("linux_aarch64", ("/usr/lib",))])
def test_the_sysroot_of_a_tag_that_promises_libraries_is_not_on_the_host(tag: str, after: tuple[str, ...]) -> None:
    content = make_elf("aarch64", runpath=f"{SYSROOT}/usr/lib")
    assert read_elf("a.so", with_host_names(content, names_of(make_host(tag, sysroot=SYSROOT)))).runpath == after


def test_a_run_path_that_nothing_is_left_of_is_gone() -> None:
    content = make_elf("aarch64", runpath=str(LIBRARIES), rpath="$ORIGIN", needed=("liba.so", "libb.so"))
    new = read_elf("a.so", with_host_names(content, names_of(make_host())))
    assert (new.runpath, new.rpath, new.needed) == ((), ("$ORIGIN",), ("liba.so", "libb.so"))


def test_a_library_that_was_linked_by_its_path_is_called_as_on_the_host() -> None:
    content = make_elf("aarch64", needed=(f"{SYSROOT}/opt/vendor/libv.so", "libc.so.6"), runpath=f"{SYSROOT}/opt")
    new = read_elf("a.so", with_host_names(content, NAMES))
    assert (new.needed, new.runpath) == (("/opt/vendor/libv.so", "libc.so.6"), ("/opt",))


def test_directories_that_links_lead_to_are_known_by_both_names(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    names = names_of(make_host(libc="glibc 2.36", sysroot=tmp_path / "link"))
    for name in ("link", "real"):
        content = make_elf("aarch64", runpath=f"{tmp_path}/{name}/usr/lib")
        assert read_elf("a.so", with_host_names(content, names)).runpath == ("/usr/lib",)


def test_strings_that_end_as_a_run_path_does_stay() -> None:
    """Linkers store them once, as the end of the longer one."""
    content = make_elf("aarch64", runpath=f"$ORIGIN:{LIBRARIES}", soname="SHARED")
    shared = content.index(b"SHARED\0")
    end = content.index(bytes(LIBRARIES)) + len(bytes(LIBRARIES))
    table = content.index(b"\0libc.so.6\0")
    entry, other = (struct.pack("<QQ", 14, place - table) for place in (shared, end - len(b"gnu")))
    assert entry in content
    linked = content.replace(entry, other)
    new = read_elf("a.so", with_host_names(linked, names_of(python_of())))
    assert (new.soname, new.runpath) == ("gnu", ("$ORIGIN", "/opt/python/lib64"))


def test_a_path_that_has_no_room_stays() -> None:
    content = make_elf("aarch64", runpath="/s/x")
    assert with_host_names(content, {Path("/s"): "/a/much/longer/name"}) == content
