"""Directories of the host in the variables that a user sets for a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.native.rooted import rooted, rooted_changes
from crossbuild.options.environment_changes import EnvironmentChange

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A host's root with ``/usr`` and a vendor's directory, which this machine does not have."""
    for place in ("usr/include/proj", "usr/share", "usr/local/lib", "opt/crossbuild-vendor/lib", "var"):
        (tmp_path / "root" / place).mkdir(parents=True)
    for machine in ("x86_64", "aarch64"):
        (tmp_path / f"root/usr/lib/{machine}-linux-gnu").mkdir(parents=True)
    (tmp_path / "root/opt/link").symlink_to("crossbuild-vendor")
    (tmp_path / "root/opt/away").symlink_to("/opt/link")
    (tmp_path / "root/opt/loop").symlink_to("/opt/loop")
    (tmp_path / "root/opt/file").touch()
    return tmp_path / "root"


@pytest.mark.parametrize(
    "path",
    [
        *("/usr", "/usr/include", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu/"),
        *("/opt/crossbuild-vendor", "/opt/link/lib"),
    ],
)
def test_directories_of_the_host_are_in_its_root(root: Path, path: str) -> None:
    assert rooted({"PROJ_DIR": path}, root) == {"PROJ_DIR": f"{root}{path}".rstrip("/")}
    assert rooted({"PROJ_DIR": path}, None) == {"PROJ_DIR": path}


def test_a_link_to_an_absolute_path_leads_to_a_place_in_the_root(root: Path) -> None:
    assert rooted({"X": "/opt/away/lib"}, root) == {"X": f"{root}/opt/crossbuild-vendor/lib"}


def test_each_of_several_directories_counts(root: Path) -> None:
    assert rooted({"X_PATH": "/opt/crossbuild-vendor/lib:rel:/opt/none"}, root) == {
        "X_PATH": f"{root}/opt/crossbuild-vendor/lib:rel:/opt/none"
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X", "/opt/none"),
        ("X", "/opt/file"),
        ("X", "/opt/loop"),
        ("X", "/usr/share"),
        ("X", "/var"),
        ("X", "usr"),
        ("X", "http://usr/lib"),
        ("X", "-I/usr/include"),
        ("PREFIX", "/usr"),
        ("PATH", "/usr/lib:/opt/crossbuild-vendor"),
        ("LD_LIBRARY_PATH", "/usr/lib"),
        ("LIBCLANG_PATH", "/usr/lib"),
    ],
)
def test_all_else_stays(root: Path, name: str, value: str) -> None:
    assert rooted({name: value}, root) == {name: value}


def test_what_is_in_the_root_already_stays(root: Path) -> None:
    assert rooted({"X": f"{root}/usr"}, root) == {"X": f"{root}/usr"}


def test_changes_on_the_command_line_count_too(root: Path) -> None:
    changes = [EnvironmentChange.from_text("PROJ_DIR?=/usr"), EnvironmentChange.from_text("FLAGS+= -a")]
    assert rooted_changes(changes, root) == (
        EnvironmentChange(name="PROJ_DIR", operator="?=", value=f"{root}/usr"),
        changes[1],
    )
