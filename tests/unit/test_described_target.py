"""Which sysroot a host's libraries come from, with sysroots that are there already."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossbuild.errors import CrossbuildError, SysrootError, UsageError
from crossbuild.options.build_options import BuildOptions
from crossbuild.reporting import SilentReporter
from crossbuild.session.described_target import DescribedTarget, can_add_packages, describe, find_libraries
from crossbuild.sysroot.apt_sources import MACHINE_SOURCES
from crossbuild.sysroot.model import Sysroot
from crossbuild.sysroot.names import SysrootName, is_sysroot_name
from crossbuild.sysroot.store import SysrootStore
from crossbuild.system.cache import Cache
from tests.unit.host_samples import SamplePython

ARM64 = SysrootName.from_text("debian:bookworm:arm64")


@pytest.fixture
def sysroots(tmp_path: Path) -> SysrootStore:
    return SysrootStore(cache=Cache(root=tmp_path / "cache"), reporter=SilentReporter(), environ={}, offline="yes")


@pytest.fixture
def sysroot(tmp_path: Path) -> Sysroot:
    """A user's sysroot that crossbuild made, with a Python."""
    python = SamplePython(root=tmp_path / "root").install()
    made = Sysroot(directory=python.root, name=ARM64, request=MACHINE_SOURCES, requested=(), packages=())
    made.write_manifest(python.root)
    return made


def test_a_host_inside_a_sysroot_has_its_libraries(sysroots: SysrootStore, sysroot: Sysroot) -> None:
    options = BuildOptions(host=str(sysroot.directory / "usr/bin/python3.11"))
    found = find_libraries(options, sysroots, ())
    assert found == sysroot
    described = describe(options, found)
    assert (described.name, can_add_packages(options, described, found)) == (options.host, True)


def test_a_tag_is_no_path(sysroots: SysrootStore, sysroot: Sysroot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the working directory is a sysroot."""
    monkeypatch.chdir(sysroot.directory)
    options = BuildOptions(host="manylinux_2_28_aarch64")
    assert find_libraries(options, sysroots, ()) is None
    assert describe(options, None).name == "manylinux_2_28_aarch64"


def test_another_sysroot_does_not_move_the_host(sysroots: SysrootStore, sysroot: Sysroot, tmp_path: Path) -> None:
    other = SamplePython(root=tmp_path / "other", minor=12).install()
    options = BuildOptions(host=str(other.executable), sysroot=sysroot.directory)
    found = find_libraries(options, sysroots, ())
    described = describe(options, found)
    assert found == sysroot
    assert described.python_version[:2] == (3, 12)


@pytest.mark.parametrize("host", ["manylinux_2_28_armv7l", "musllinux_1_2_aarch64"])
def test_libraries_of_another_machine_or_libc_are_refused(host: str, sysroots: SysrootStore, sysroot: Sysroot) -> None:
    options = BuildOptions(host=host, sysroot=sysroot.directory)
    with pytest.raises(SysrootError, match="aarch64 with glibc"):
        describe(options, find_libraries(options, sysroots, ()))


def test_a_release_has_its_own_libraries(sysroots: SysrootStore) -> None:
    with pytest.raises(UsageError, match="has its own libraries"):
        find_libraries(BuildOptions(host=str(ARM64), sysroot=ARM64), sysroots, ())


def test_packages_for_a_root_that_is_not_ours(sysroots: SysrootStore, tmp_path: Path) -> None:
    python = SamplePython(root=tmp_path / "own").install()
    options = BuildOptions(host=str(python.executable), sysroot_packages=("libz-dev",))
    with pytest.raises(SysrootError, match="did not make"):
        find_libraries(options, sysroots, options.sysroot_packages)
    described = describe(BuildOptions(host=str(python.executable)), None)
    assert not can_add_packages(options, described, None)


def test_no_packages_for_musl(sysroots: SysrootStore) -> None:
    options = BuildOptions(host="musllinux_1_2_aarch64")
    with pytest.raises(SysrootError, match="aarch64 with musl"):
        find_libraries(options, sysroots, ("libz-dev",))


def test_a_sysroot_that_was_named_relatively_is_found_from_everywhere(
    sysroots: SysrootStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "libraries").mkdir()
    described = DescribedTarget.from_options(BuildOptions(host="linux_aarch64", sysroot=Path("libraries")), sysroots)
    assert described.root == tmp_path / "libraries"


@pytest.mark.parametrize("text", ["debian:bookworm:arm64", "fedora:40:x", "a:b:c"])
def test_what_has_three_parts_is_meant_as_a_release(text: str) -> None:
    assert is_sysroot_name(text)


@pytest.mark.parametrize("text", ["/a:b:c", "manylinux_2_28_aarch64", "a:b", "a:b:c:d", "python3.11"])
def test_what_has_not_is_none(text: str) -> None:
    assert not is_sysroot_name(text)


@pytest.mark.parametrize(
    ("text", "fact"),
    [("fedora:40:arm64", "'fedora'"), ("debian:bookworm:vax", "'vax'"), ("debian::arm64", "is not the name")],
)
def test_names_that_cannot_be_meant(text: str, fact: str) -> None:
    with pytest.raises(CrossbuildError, match=fact):
        SysrootName.from_text(text)


def test_wheel_tags_do_for_architectures() -> None:
    assert str(SysrootName.from_text("debian:bookworm:aarch64")) == "debian:bookworm:arm64"
