"""Packages unpacked into a root whose links lead elsewhere than they read."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import SysrootError
from crossbuild.sysroot.tree import Tree

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
