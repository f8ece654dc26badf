"""Run paths into the sysroot become the host's; all else in a wheel stays as it was."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from crossbuild.elf import read_elf
from crossbuild.wheels.contents import read_wheel
from crossbuild.wheels.runpaths import localise_run_paths, without_sysroot
from tests.unit.wheel_samples import make_elf, make_wheel

SYSROOT = Path("/somewhere/sys root")


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
    new = read_elf("a.so", without_sysroot(content, bytes(SYSROOT)))
    assert ":".join(new.search_paths) == after
    assert new.needed == ("libc.so.6", "libz.so.1")


def test_both_kinds_of_run_path_are_seen_to() -> None:
    content = make_elf("aarch64", rpath=f"{SYSROOT}/a", runpath=f"{SYSROOT}/b:{SYSROOT}/c")
    assert read_elf("a.so", without_sysroot(content, bytes(SYSROOT))).search_paths == ("/a", "/b", "/c")


def test_a_wheel_stays_whole(tmp_path: Path) -> None:
    elf = make_elf("aarch64", runpath=f"{SYSROOT}/usr/lib")
    wheel = make_wheel(tmp_path, {"a.so": elf, "a.py": f"path = {str(SYSROOT)!r}".encode()})
    assert localise_run_paths(wheel, SYSROOT)
    contents = read_wheel(wheel)
    assert contents.problems == ()
    assert contents.elf_files[0].search_paths == ("/usr/lib",)
    assert read_member(wheel, "a.py") == f"path = {str(SYSROOT)!r}".encode()


def test_nothing_is_written_where_nothing_is_to_do(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"a.so": make_elf("aarch64", runpath="$ORIGIN"), "b.so": b"\x7fELF" + bytes(SYSROOT)})
    before = wheel.stat()
    assert not localise_run_paths(wheel, SYSROOT)
    assert (wheel.stat().st_ino, wheel.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
