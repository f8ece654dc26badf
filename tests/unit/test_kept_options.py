"""Options that are kept with a cross environment mean the same in another directory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crossbuild.environments.kept_options import keep_options, kept_options, lasting
from crossbuild.options.build_options import BuildOptions, IndexOptions
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.toolchain.model import ToolchainRequest


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a few things in it."""
    for name in ("python3", "python3.11", "links", "simple", "root", "limits.txt"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_paths_become_absolute(directory: Path) -> None:
    keep_options(
        directory,
        BuildOptions(
            host="python3",
            build_python=Path("python3.11"),
            sysroot=Path("root"),
            build_constraints=(Path("limits.txt"),),
            cache_dir=Path("cache"),
            index=IndexOptions(
                index_url="simple",
                extra_index_urls=("https://example.org/simple",),
                find_links=("links", "https://example.org/links"),
            ),
            toolchain=ToolchainRequest(choice="cross/bin/arm-", cc="ccache ../gcc -mthumb", cxx="g++", ar="/opt/ar"),
        ),
    )
    kept = kept_options(directory)
    assert (kept.host, kept.build_python) == (str(directory / "python3"), directory / "python3.11")
    assert (kept.sysroot, kept.build_constraints) == (directory / "root", (directory / "limits.txt",))
    assert kept.cache_dir == directory / "cache"
    assert kept.index == IndexOptions(
        index_url=str(directory / "simple"),
        extra_index_urls=("https://example.org/simple",),
        find_links=(str(directory / "links"), "https://example.org/links"),
    )
    assert kept.toolchain.choice == f"{directory}/cross/bin/arm-"
    assert kept.toolchain.cc == f"ccache {directory}/../gcc -mthumb"
    assert (kept.toolchain.cxx, kept.toolchain.ar) == ("g++", "/opt/ar")


def test_the_rest_stays_what_it_is(directory: Path) -> None:
    options = BuildOptions(
        host="manylinux_2_28_aarch64",
        toolchain=ToolchainRequest(choice="zig", cc="gcc --sysroot=/opt/root", cxx="g++ '-DTEXT=a b'"),
        environment_changes=(),
        jobs=3,
    )
    keep_options(directory, options)
    assert kept_options(directory) == options
    assert kept_options(directory) != replace(options, jobs=4)


def test_only_the_user_may_read_them(directory: Path) -> None:
    keep_options(directory, BuildOptions())
    assert (directory / "options.pickle").stat().st_mode & 0o077 == 0


def test_passwords_are_not_kept(directory: Path) -> None:
    place = "https://user:canary@example.org/simple"
    given = IndexOptions(index_url=place, extra_index_urls=(place,), find_links=(place,))
    options = BuildOptions(index=given, sysroot_source=SourceRequest(mirror=place))
    keep_options(directory, options)
    assert not [file for file in directory.iterdir() if b"canary" in file.read_bytes()]
    kept, bare = kept_options(directory), "https://example.org/simple"
    assert (kept.index.index_url, kept.index.extra_index_urls, kept.index.find_links) == (bare, (bare,), (bare,))
    assert kept.sysroot_source.mirror == bare
    assert kept == lasting(options)
