"""PEP 725's ``[external]`` tables: what is read of them, and which packages have it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from crossbuild.host.markers import python_markers
from crossbuild.sysroot.external import Dependency, load_table, packages_for, read_external
from tests.testbed.debian import apt

if TYPE_CHECKING:
    from pathlib import Path

    from tests.testbed.bed import Bed

ARM64 = python_markers(python=(3, 11, 2), machine="aarch64")
PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")
"""Debian policy 5.6.1."""

PILLOW = """
[external]
build-requires = ["dep:virtual/compiler/c"]
host-requires = ["dep:generic/libjpeg", "dep:generic/zlib"]
dependencies = ["dep:generic/openjpeg@>=2.0", "dep:generic/git"]

[external.optional-host-requires]
extra = ["dep:generic/lcms2", "dep:generic/tk"]
"""


def host_requires(*entries: object) -> dict[str, object]:
    return {"external": {"host-requires": list(entries)}}


def packages(*entries: str) -> tuple[tuple[str, ...], ...]:
    return packages_for(read_external(host_requires(*entries)), ARM64).packages


def test_host_requirements_become_packages(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text(PILLOW)
    external = read_external(project)
    assert external.warnings == ()
    mapped = packages_for(external, ARM64)
    assert [names[0] for names in mapped.packages] == ["libjpeg-dev", "zlib1g-dev", "libopenjp2-7-dev"]
    assert mapped.constrained == ("dep:generic/openjpeg@>=2.0",)


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("dep:generic/libffi", "generic/libffi", ""),
        ("dep:generic/libffi@3.4", "generic/libffi", "3.4"),
        ("dep:generic/libffi@>=3.4,<4", "generic/libffi", ">=3.4,<4"),
        ("dep:generic/libffi >= 3.4", "generic/libffi", ">= 3.4"),
        ("dep:generic/XCB; platform_system=='Linux'", "generic/xcb", ""),
        ("dep:generic/cmake?repository_url=https://example.org/a/b#sub/path", "generic/cmake", ""),
        ("dep:generic/sdl2%5Fimage", "generic/sdl2_image", ""),
        ("dep:virtual/interface/lapack@>=3.7.1", "virtual/interface/lapack", ">=3.7.1"),
        ("dep:npm/@scope/name@1.0", "npm/@scope/name", "1.0"),
        ("dep:golang/github.com/junegunn/fzf", "golang/github.com/junegunn/fzf", ""),
        ("pkg:generic/libffi", "generic/libffi", ""),
        ("virtual:compiler/c", "virtual/compiler/c", ""),
    ],
)
def test_forms_of_a_dependency(text: str, name: str, version: str) -> None:
    dependency = Dependency.from_text(text)
    assert (dependency.name, dependency.version) == (name, version)
    assert dependency.text == text.partition(";")[0]


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "zlib",
        "dep:",
        "dep:zlib",
        "https://example.org/zlib",
        "dep:generic/\x1b[31mzlib",
        "dep:generic/zlib; when it",
    ],
)
def test_what_is_no_dependency_is_named_and_the_rest_is_read(entry: str) -> None:
    external = read_external(host_requires(entry, "dep:generic/zlib"))
    assert [dependency.name for dependency in external.host_requires] == ["generic/zlib"]
    (warning,) = external.warnings
    assert "host-requires" in warning
    assert repr(entry) in warning


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        ({"external": []}, "[external] is not a table"),
        ({"external": {"host-requires": "dep:generic/zlib"}}, "host-requires: it is not an array"),
        ({"external": {"dependencies": {"a": "b"}}}, "dependencies: it is not an array"),
        ({"external": {"host-requires": [1]}}, "1 is passed over"),
        ({"external": {"host-dependencies": []}}, "'host-dependencies'"),
    ],
)
def test_malformed_tables_warn(content: dict[str, object], warning: str) -> None:
    external = read_external(content)
    assert len(external.warnings) == 1
    assert warning in external.warnings[0]
    assert packages_for(external, ARM64).packages == ()


@pytest.mark.parametrize("content", [b"[external", b"\xff", b"[external]\nhost-requires = [\n"])
def test_a_file_that_is_no_toml_warns(tmp_path: Path, content: bytes) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_bytes(content)
    assert "pyproject.toml cannot be read" in read_external(project).warnings[0]


def test_a_project_need_not_say_anything(tmp_path: Path) -> None:
    nothing = read_external({"project": {"name": "zlib"}})
    assert nothing == read_external(tmp_path / "pyproject.toml")
    assert (nothing.host_requires, nothing.warnings) == ((), ())


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("platform_machine == 'aarch64'", True),
        ("platform_machine == 'x86_64'", False),
        ("sys_platform == 'win32'", False),
        ("python_version >= '3.11' and implementation_name == 'cpython'", True),
        ("python_full_version < '3.11.2'", False),
        ("platform_machine ~= 'aarch64'", True),
    ],
)
def test_markers_are_the_hosts(marker: str, *, holds: bool) -> None:
    mapped = packages_for(read_external(host_requires(f"dep:generic/zlib; {marker}")), ARM64)
    assert mapped.packages == ((("zlib1g-dev",),) if holds else ())
    assert mapped.unknown == ()


def test_unknown_names_are_named() -> None:
    external = read_external(host_requires("dep:generic/no-such-library@>=1", "dep:pypi/numpy", "dep:generic/zlib"))
    mapped = packages_for(external, ARM64)
    assert mapped.unknown == ("dep:generic/no-such-library@>=1", "dep:pypi/numpy")
    assert mapped.packages == (("zlib1g-dev",),)


def test_compilers_and_programs_need_no_package() -> None:
    tools = (
        "dep:virtual/compiler/c",
        "dep:virtual/compiler/any-language",
        "virtual:compiler/rust",
        "dep:generic/cmake",
    )
    mapped = packages_for(read_external(host_requires(*tools)), ARM64)
    assert (mapped.packages, mapped.unknown) == ((), ())


def test_keys_of_drafts_are_read() -> None:
    table = {"build-host-requires": ["dep:generic/zlib"], "optional-build-host-requires": {"gui": ["dep:generic/tk"]}}
    external = read_external({"external": table})
    assert packages_for(external, ARM64).packages == (("zlib1g-dev",),)
    assert external.warnings == ()


def test_a_package_is_named_once() -> None:
    assert packages("dep:generic/xz", "dep:generic/liblzma", "pkg:generic/xz") == (("liblzma-dev",),)


def test_a_name_can_need_several_packages_and_have_alternatives() -> None:
    assert packages("dep:generic/elfutils") == (("libelf-dev",), ("libdw-dev",))
    assert packages("dep:generic/taglib") == (("libtag-dev", "libtag1-dev"),)


def test_the_first_alternative_that_a_suite_has_is_taken() -> None:
    mapped = packages_for(read_external(host_requires("dep:generic/taglib", "dep:generic/zlib")), ARM64)
    assert mapped.choose({"libtag-dev", "libtag1-dev", "zlib1g-dev"}) == (("libtag-dev", "zlib1g-dev"), ())
    assert mapped.choose({"libtag1-dev"}) == (("libtag1-dev",), ("zlib1g-dev",))


@pytest.mark.parametrize("name", load_table())
def test_entries_of_the_data_file_are_well_formed(name: str) -> None:
    assert Dependency.from_text(f"dep:{name.removesuffix('/*')}").name == name.removesuffix("/*")
    needed = load_table()[name]
    assert len(set(needed)) == len(needed)
    for alternatives in needed:
        assert all(PACKAGE.fullmatch(package) for package in alternatives)


@pytest.mark.cross
@pytest.mark.parametrize("suite", ["bookworm", "trixie"])
def test_suites_have_every_package_of_the_data_file(bed: Bed, suite: str) -> None:
    with apt(bed, suite, "arm64") as ours:
        there = ours.package_names()
    needed = {alternatives for entry in load_table().values() for alternatives in entry}
    assert {alternatives for alternatives in needed if there.isdisjoint(alternatives)} == set()
