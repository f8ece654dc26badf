"""Packages unpacked into a root whose links lead elsewhere than they read."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import SysrootError
from crossbuild.sysroot.tree import Tree
from crossbuild.sysroot.unpack import is_left_out

if TYPE_CHECKING:
    from pathlib import Path


def archive(*names: str) -> tarfile.TarFile:
    """Return a package with these files."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as written:
        for name in names:
            written.addfile(tarfile.TarInfo(f"./{name}"))
    content.seek(0)
    return tarfile.open(fileobj=content)


def unpack(root: Path, *names: str) -> None:
    with archive(*names) as opened:
        tree = Tree(root=root)
        for member in opened:
            tree.write(member, opened)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/opt/lib", "opt/lib"),
        ("../../../opt/lib", "opt/lib"),
        # The kernel follows `there` before it goes up.
        ("there/../near", "data/near"),
    ],
)
def test_files_go_where_the_kernel_finds_them(tmp_path: Path, target: str, expected: str) -> None:
    root = tmp_path / "root"
    for place in ("usr", "opt/lib", "data/deep", "data/near"):
        (root / place).mkdir(parents=True)
    (root / "usr/there").symlink_to("../data/deep")
    (root / "usr/lib").symlink_to(target)
    unpack(root, "usr/lib/file")
    assert (root / expected / "file").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["root"]


def test_a_circle_of_links_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "lib").symlink_to("/lib")
    with pytest.raises(SysrootError, match="/lib cannot be followed in the root"):
        unpack(tmp_path, "lib/file")


@pytest.mark.parametrize(
    ("name", "kind", "left_out"),
    [
        ("usr/share/doc/libx1/copyright", tarfile.REGTYPE, False),
        ("usr/share/doc/libx-dev", tarfile.SYMTYPE, False),
        ("usr/share/doc/libx1/changelog.gz", tarfile.REGTYPE, True),
        ("usr/share/doc/libx1/examples/copyright", tarfile.REGTYPE, True),
        ("usr/share/man/man3/x.3.gz", tarfile.REGTYPE, True),
        ("usr/lib/libx.so.1", tarfile.REGTYPE, False),
    ],
)
def test_of_the_documentation_only_what_copies_must_come_with_is_kept(
    name: str, kind: bytes, *, left_out: bool
) -> None:
    member = tarfile.TarInfo(f"./{name}")
    member.type = kind
    assert is_left_out(member) == left_out
