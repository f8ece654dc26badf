"""Libraries of a sysroot whose paths start from the host's root, made so that a linker here can follow them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.platform import Platform
from crossbuild.toolchain.linkable import write_linkable_libraries

if TYPE_CHECKING:
    from pathlib import Path


PLATFORM = Platform.from_tag("linux_aarch64")


class Root:
    """A sysroot, and the directory of what was made linkable of it."""

    def __init__(self, directory: Path) -> None:
        self.sysroot = directory / "sys root"
        self.made = directory / "made"
        for place in ("usr/lib/aarch64-linux-gnu", "usr/lib", "lib"):
            (self.sysroot / place).mkdir(parents=True, exist_ok=True)
        self.made.mkdir()

    def add(self, path: str, content: bytes = b"\x7fELF GROUP(") -> Path:
        file = self.sysroot / path
        file.write_bytes(content)
        return file

    def write(self) -> list[str]:
        write_linkable_libraries(self.made, sysroot=self.sysroot, platform=PLATFORM)
        return sorted(file.name for file in self.made.iterdir())


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path)


def test_what_can_be_followed_is_left_where_it_is(root: Root) -> None:
    root.add("usr/lib/aarch64-linux-gnu/libone.so.1")
    (root.sysroot / "usr/lib/aarch64-linux-gnu/libone.so").symlink_to("libone.so.1")
    root.add("usr/lib/aarch64-linux-gnu/libone.a", b"!<arch>\nINPUT(")
    root.add("usr/lib/aarch64-linux-gnu/libtext.so", b"not a script")
    assert root.write() == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (b"GROUP ( /lib/libone.so.1 AS_NEEDED ( /lib/libone.so.1 ) )", "GROUP ( {0} AS_NEEDED ( {0} ) )"),
        (b"/* at /lib */\nINPUT(/lib/libone.so.1,=/lib/libone.so.1)", "/* at {1}/lib */\nINPUT({0},{0})"),
        (b"INPUT(libone.so.1 -ltwo /lib/none.so)", "INPUT(libone.so.1 -ltwo /lib/none.so)"),
    ],
)
def test_the_paths_of_linker_scripts_lead_into_the_sysroot(root: Root, script: bytes, expected: str) -> None:
    library = root.add("lib/libone.so.1")
    root.add("usr/lib/aarch64-linux-gnu/libone.so", script)
    assert root.write() == ["libone.so"]
    assert (root.made / "libone.so").read_text() == expected.format(library, root.sysroot)


def test_links_from_the_hosts_root_lead_into_the_sysroot(root: Root) -> None:
    library = root.add("lib/libone.so.1")
    (root.sysroot / "usr/lib/aarch64-linux-gnu/libone.so").symlink_to("/lib/libone.so.1")
    (root.sysroot / "usr/lib/aarch64-linux-gnu/libnone.so").symlink_to("/lib/libnone.so.1")
    assert root.write() == ["libone.so"]
    assert (root.made / "libone.so").resolve() == library.resolve()


def test_the_first_directory_wins(root: Root) -> None:
    for place in ("usr/lib/aarch64-linux-gnu", "usr/lib"):
        root.add(f"{place}/libone.so", f"INPUT(/{place})".encode())
    root.write()
    assert (root.made / "libone.so").read_text() == f"INPUT({root.sysroot}/usr/lib/aarch64-linux-gnu)"


def test_links_in_a_circle_are_passed_over(root: Root) -> None:
    (root.sysroot / "usr/lib/liba.so").symlink_to("libb.so")
    (root.sysroot / "usr/lib/libb.so").symlink_to("/usr/lib/liba.so")
    assert root.write() == []


def test_a_link_that_this_machine_follows_elsewhere_leads_into_the_sysroot(root: Root, tmp_path: Path) -> None:
    """The build machine may have a library at the path that the link names, for itself."""
    here = tmp_path / "libone.so.1"
    here.write_bytes(b"\x7fELF of the build machine")
    library = root.sysroot / str(here).lstrip("/")
    library.parent.mkdir(parents=True)
    library.write_bytes(b"\x7fELF of the host")
    (root.sysroot / "usr/lib/libone.so").symlink_to(here)
    assert root.write() == ["libone.so"]
    assert (root.made / "libone.so").resolve() == library.resolve()


def test_a_directory_that_only_the_host_finds_is_searched(root: Root) -> None:
    (root.sysroot / "usr/local").mkdir()
    (root.sysroot / "usr/local/lib").symlink_to("/opt/lib")
    (root.sysroot / "opt/lib").mkdir(parents=True)
    root.add("lib/libone.so.1")
    root.add("opt/lib/libone.so", b"INPUT(/lib/libone.so.1)")
    assert root.write() == ["libone.so"]
