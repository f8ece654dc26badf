"""Paths in the root of another machine, compared with what the kernel says of them."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from crossbuild.system.rooted_paths import directories_in, follow, in_root

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root whose links lead up, down, round and away, on a machine that has files of the same names."""
    root = tmp_path / "machine/root"
    for place in ("usr/lib/deep", "data/lib", "etc"):
        (root / place).mkdir(parents=True)
    for place in ("data/lib", "etc"):
        (tmp_path / "machine" / place).mkdir(parents=True)
    (root / "data/lib/file").touch()
    for link, target in {
        "lib": "usr/lib",
        "absolute": "/data/lib",
        "usr/up": "../data/lib",
        "usr/high": "../../../../data/lib",
        "usr/lib/through": "deep/../../up",
        "down": "usr/lib/deep",
        "two": "/absolute/../lib/file",
        "none": "/nowhere/file",
        "slash": "/",
        "loop": "/loop2",
        "loop2": "loop",
    }.items():
        (root / link).symlink_to(target)
    return root


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", ""),
        ("/../..", ""),
        ("/lib", "usr/lib"),
        ("/absolute/file", "data/lib/file"),
        ("/usr/up/file", "data/lib/file"),
        ("/usr/high/file", "data/lib/file"),
        ("/lib/through/file", "data/lib/file"),
        ("/two", "data/lib/file"),
        ("/slash/slash/etc", "etc"),
        ("/../../etc", "etc"),
        ("/none", "nowhere/file"),
        ("/absolute/none/file", "data/lib/none/file"),
        # By its text, it would be /deep.
        ("/down/../deep", "usr/lib/deep"),
    ],
)
def test_links_are_followed_as_in_a_chroot(root: Path, path: str, expected: str) -> None:
    assert in_root(path, root) == root / expected


def test_circles_are_an_error(root: Path) -> None:
    with pytest.raises(OSError, match="/loop") as raised:
        in_root("/loop/file", root)
    assert raised.value.errno == errno.ELOOP


def test_as_many_links_are_followed_as_linux_does(tmp_path: Path) -> None:
    (tmp_path / "0").touch()
    for number in range(41):
        (tmp_path / str(number + 1)).symlink_to(str(number))
    assert (tmp_path / "40").exists()
    assert follow(tmp_path / "40", root=tmp_path) == tmp_path / "0"
    assert not (tmp_path / "41").exists()
    with pytest.raises(OSError, match="Too many"):
        follow(tmp_path / "41", root=tmp_path)


def test_a_root_may_have_another_name_here(root: Path, tmp_path: Path) -> None:
    """Links of this machine lead to it: they are not the host's."""
    (tmp_path / "link").symlink_to(root)
    assert in_root("/absolute/file", tmp_path / "link") == tmp_path / "link/data/lib/file"
    assert follow(tmp_path / "link/absolute/file", root=root) == root / "data/lib/file"
    assert follow(root / "absolute/file", root=tmp_path / "link") == root / "data/lib/file"


def test_what_is_in_no_root_is_of_this_machine(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "machine/data")
    assert follow(tmp_path / "link/../etc", root=root) == tmp_path / "machine/etc"
    assert follow(tmp_path / "link/lib", root=None) == tmp_path / "machine/data/lib"


def test_directories_are_found_once_and_in_order(root: Path) -> None:
    paths = ("/absolute", "/none", "/two", "/loop", "/usr/lib", "/lib", "/data/lib")
    assert directories_in(root, paths) == (root / "data/lib", root / "usr/lib")
