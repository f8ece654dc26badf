"""What a wheel needs and its tag does not promise comes along, with a record of where it is from."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from crossbuild.errors import AuditError, UsageError
from crossbuild.options.repair_options import RepairOptions
from crossbuild.platforms.elf import read_elf
from crossbuild.repair.repair import repair
from crossbuild.wheels.audit import Origin
from crossbuild.wheels.bundled import bundled_libraries
from crossbuild.wheels.selection import Selection
from crossbuild.wheels.wheel_contents import read_wheel
from tests.audited import audited
from tests.unit.test_wheels_libraries import MULTIARCH, make_root, own, place
from tests.unit.wheel_samples import SUFFIX, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.repair.bill import Grafted

TAG = "manylinux_2_36_aarch64"
EXTENSION = f"probe/_fast{SUFFIX}"
COPYRIGHT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: Expat\n"
STATUS = (
    "Package: libc6\nVersion: 2.36-9\nArchitecture: arm64\n\nPackage: libx1\nVersion: 1:1.2-3\nArchitecture: arm64\n"
)


def library(soname: str, *needed: str, floor: str = "GLIBC_2.17") -> bytes:
    return make_elf(soname=soname, needed=[*needed, "libc.so.6"], versions={("libc.so.6", floor): ["malloc"]})


def make_packaged_root(directory: Path, libraries: Mapping[str, bytes] | None = None) -> Path:
    """A root as of Debian, in which libx.so.1, of the package libx1, needs liby.so.2, of none."""
    default = {"libx.so.1": library("libx.so.1", "liby.so.2"), "liby.so.2": library("liby.so.2")}
    root = make_root(directory, libraries or default)
    own(root, "libx1", f"/{MULTIARCH}/libx.so.1")
    (root / "var/lib/dpkg/status").write_text(STATUS)
    (root / "usr/share/doc/libx1").mkdir(parents=True)
    (root / "usr/share/doc/libx1/copyright").write_text(COPYRIGHT)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text('ID=debian\nVERSION_CODENAME="bookworm"\n')
    return root


def make_needing_wheel(directory: Path, *needed: str, files: Mapping[str, bytes] | None = None) -> Path:
    elf = make_elf(defines=("PyInit__fast",), needed=[*needed, "libc.so.6"])
    return make_wheel(directory, {EXTENSION: elf, "probe/__init__.py": b"", **(files or {})})


def repaired(wheel: Path, host: Host, options: RepairOptions | None = None) -> tuple[Grafted, ...]:
    return repair(
        wheel,
        host,
        options or RepairOptions(),
        runtime=lambda _: None,
        environ={},
    )


def members(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def bill_in(wheel: Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("probe-1.0.dist-info/sboms/crossbuild.cdx.json").decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found: dict[str, Any] = json.loads(text)
    return found


def test_what_is_needed_comes_along_with_what_that_needs(tmp_path: Path) -> None:
    host = make_host(TAG, sysroot=make_packaged_root(tmp_path))
    wheel = make_needing_wheel(tmp_path, "libx.so.1", "libz.so.1")
    x, y = repaired(wheel, host)
    assert (x.soname, y.soname) == ("libx.so.1", "liby.so.2")
    report = audited(wheel, host, Origin.BUILT)
    assert report.external_libraries.keys() == {"libz.so.1"}, "which the tag promises"
    files = {elf.name: elf for elf in read_wheel(wheel).elf_files}
    assert files[EXTENSION].needed == (files[x.path].soname, "libz.so.1", "libc.so.6")
    assert files[x.path].needed == (files[y.path].soname, "libc.so.6")
    assert files[x.path].soname != "libx.so.1", "another copy must not be taken for it"
    assert files[EXTENSION].search_paths == ("$ORIGIN/../probe.libs",)


def test_the_same_wheel_comes_out_with_the_metadata_last(tmp_path: Path) -> None:
    host = make_host(TAG, sysroot=make_packaged_root(tmp_path))
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    wheel, other = (make_needing_wheel(tmp_path / name, "libx.so.1") for name in ("first", "second"))
    for one in (wheel, other):
        repaired(one, host)
    assert wheel.read_bytes() == other.read_bytes()
    names = members(wheel)
    first = next(number for number, name in enumerate(names) if ".dist-info/" in name)
    assert all(".dist-info/" in name for name in names[first:])
    assert names[-1] == "probe-1.0.dist-info/RECORD"
    with zipfile.ZipFile(wheel) as archive:
        modes = {info.external_attr >> 16 & 0o777 for info in archive.infolist() if ".libs/" in info.filename}
    assert modes == {0o755}


def test_the_wheel_says_what_came_along_and_where_it_is_from(tmp_path: Path) -> None:
    host = make_host(TAG, sysroot=make_packaged_root(tmp_path))
    wheel = make_needing_wheel(tmp_path, "libx.so.1")
    x, _ = repaired(wheel, host)
    assert list(map(str, bundled_libraries(wheel))) == [
        "libx.so.1 (libx1 1:1.2-3, Expat)",
        "liby.so.2 (of no known package)",
    ]
    packages = {one["name"]: one for one in bill_in(wheel)["components"]}
    known = packages["libx1"]
    assert known["purl"] == "pkg:deb/debian/libx1@1:1.2-3?arch=arm64&distro=bookworm"
    assert known["version"] == "1:1.2-3"
    assert known["licenses"][0]["license"] == {
        "name": "Expat",
        "text": {"content": COPYRIGHT, "contentType": "text/plain"},
    }
    (file,) = known["components"]
    assert (file["name"], file["hashes"]) == (x.path, [{"alg": "SHA-256", "content": x.sha256}])
    assert "crossbuild:license-missing" in {one["name"] for one in packages["liby.so.2"]["properties"]}


def test_it_is_found_where_the_files_are_installed(tmp_path: Path) -> None:
    host = make_host(TAG, sysroot=make_packaged_root(tmp_path))
    elf = make_elf(defines=("PyInit__fast",), needed=["libx.so.1", "libc.so.6"])
    member = f"probe-1.0.data/platlib/probe/_fast{SUFFIX}"
    wheel = make_wheel(tmp_path, {member: elf, "probe/__init__.py": b""})
    repaired(wheel, host)
    assert audited(wheel, host).findings == ()


def test_of_many_licences_a_line_names_the_first(tmp_path: Path) -> None:
    root = make_packaged_root(tmp_path)
    more = "\nFiles: debian/*\nLicense: GPL-2+\n\nFiles: tests/*\nLicense: Zlib\n"
    (root / "usr/share/doc/libx1/copyright").write_text(COPYRIGHT + more)
    wheel = make_needing_wheel(tmp_path, "libx.so.1")
    repaired(wheel, make_host(TAG, sysroot=root))
    x, _ = bundled_libraries(wheel)
    assert str(x) == "libx.so.1 (libx1 1:1.2-3, Expat and 2 more licenses)"
    assert x.licenses == ("Expat", "GPL-2+", "Zlib")


def test_a_root_without_copyright_files_leaves_the_licence_open(tmp_path: Path) -> None:
    root = make_packaged_root(tmp_path)
    (root / "usr/share/doc/libx1/copyright").unlink()
    wheel = make_needing_wheel(tmp_path, "libx.so.1")
    repaired(wheel, make_host(TAG, sysroot=root))
    x, _ = bundled_libraries(wheel)
    assert str(x) == "libx.so.1 (libx1 1:1.2-3, license unknown)"
    (component,) = (one for one in bill_in(wheel)["components"] if one["name"] == "libx1")
    assert "licenses" not in component
    assert component["properties"][0]["name"] == "crossbuild:license-missing"


@pytest.mark.parametrize("when", ["never", "auto", "always"])
def test_a_wheel_that_needs_nothing_more_stays_as_it_is(when: str, tmp_path: Path) -> None:
    host = make_host(TAG, sysroot=make_packaged_root(tmp_path))
    wheel = make_needing_wheel(tmp_path, "libz.so.1", "libstdc++.so.6")
    before = wheel.read_bytes()
    assert repaired(wheel, host, RepairOptions(when=when)) == ()
    assert wheel.read_bytes() == before


@pytest.mark.parametrize(
    ("when", "tag", "libc", "comes"),
    [
        ("auto", TAG, "", True),
        ("auto", "linux_aarch64", "", False),
        ("auto", "linux_aarch64", "glibc 2.36", False),
        ("always", "linux_aarch64", "glibc 2.36", True),
        ("never", TAG, "", False),
    ],
)
def test_by_default_only_tags_that_promise_libraries_are_repaired(
    when: str, tag: str, libc: str, *, comes: bool, tmp_path: Path
) -> None:
    host = make_host(tag, libc=libc, sysroot=make_packaged_root(tmp_path))
    wheel = make_needing_wheel(tmp_path, "libx.so.1")
    assert bool(repaired(wheel, host, RepairOptions(when=when))) == comes


def test_a_library_of_this_machine_never_comes_along(tmp_path: Path) -> None:
    wheel = make_needing_wheel(tmp_path, "libx.so.1")
    here = replace(make_host(TAG), sysroot=None)
    assert repaired(wheel, here) == ()
    with pytest.raises(AuditError) as caught:
        audited(wheel, here, Origin.BUILT)
    assert "needs libx.so.1, which manylinux_2_36_aarch64 does not promise" in caught.value.why
    assert "--sysroot-package PACKAGE or --auto-sysroot" in caught.value.fix
    assert "--sysroot DIR" in caught.value.fix


def test_links_of_a_root_do_not_lead_out_of_it(tmp_path: Path) -> None:
    root = make_packaged_root(tmp_path)
    place(root, {"libx.so.1": library("libx.so.1")}, under="usr/lib/real")
    link = root / MULTIARCH / "libx.so.1"
    link.unlink()
    link.symlink_to("/usr/lib/real/libx.so.1")
    (x,) = repaired(make_needing_wheel(tmp_path, "libx.so.1"), make_host(TAG, sysroot=root))
    assert x.soname == "libx.so.1"


def test_a_library_that_needs_a_newer_glibc_stays_outside_and_the_refusal_says_what_would_do(tmp_path: Path) -> None:
    libraries = {"libx.so.1": library("libx.so.1", floor="GLIBC_2.34")}
    host = make_host("manylinux_2_28_aarch64", sysroot=make_packaged_root(tmp_path, libraries))
    wheel = make_needing_wheel(tmp_path, "libx.so.1")
    assert repaired(wheel, host) == ()
    with pytest.raises(AuditError) as caught:
        audited(wheel, host, Origin.BUILT)
    assert "needs glibc 2.34, newer than manylinux_2_28_aarch64 promises" in caught.value.why
    for cure in ("--host manylinux_2_34_aarch64", "statically", "--sysroot DIR", "debian:bookworm:arm64"):
        assert cure in caught.value.fix


def test_what_something_else_provides_stays_outside(tmp_path: Path) -> None:
    host = make_host(TAG, sysroot=make_packaged_root(tmp_path))
    wheel = make_needing_wheel(tmp_path, "libx.so.1")
    options = RepairOptions(exclude=("libx.*",))
    assert repaired(wheel, host, options) == ()
    report = audited(wheel, host, Origin.BUILT, wanted=Selection(elsewhere=options.exclude))
    assert report.platform_tags == (TAG,)


def test_a_program_starts_from_where_its_libraries_are_found(tmp_path: Path) -> None:
    host = make_host(TAG, sysroot=make_packaged_root(tmp_path))
    loader = "/lib/ld-linux-aarch64.so.1"
    program = make_elf(needed=["liby.so.2", "libc.so.6"], interpreter=loader, program=True)
    wheel = make_wheel(tmp_path, {"probe-1.0.data/scripts/tool": program})
    repaired(wheel, host)
    audited(wheel, host, Origin.BUILT)
    with zipfile.ZipFile(wheel) as archive:
        script = archive.read("probe-1.0.data/scripts/tool")
        moved = read_elf("", archive.read("probe.scripts/tool"))
    assert script.startswith(b"#!python\n")
    assert moved.search_paths == ("$ORIGIN/../probe.libs",)


def test_a_wheel_with_a_wrong_record_is_left_to_the_audit(tmp_path: Path) -> None:
    host = make_host(TAG, sysroot=make_packaged_root(tmp_path))
    elf = make_elf(needed=["libx.so.1", "libc.so.6"])
    wheel = make_wheel(tmp_path, {EXTENSION: elf}, unrecorded={"b.py": b"x = 1\n"})
    before = wheel.read_bytes()
    assert repaired(wheel, host) == ()
    assert wheel.read_bytes() == before


def test_the_compilers_own_library_comes_from_the_compiler(tmp_path: Path) -> None:
    host = make_host(TAG, sysroot=make_packaged_root(tmp_path))
    file = tmp_path / "gcc/libgfortran.so.5"
    file.parent.mkdir()
    file.write_bytes(library("libgfortran.so.5"))
    wheel = make_needing_wheel(tmp_path, "libgfortran.so.5")
    (one,) = repair(
        wheel,
        host,
        RepairOptions(),
        runtime=lambda soname: file if soname == file.name else None,
        environ={},
    )
    assert one.soname == "libgfortran.so.5"
    audited(wheel, host, Origin.BUILT)


@pytest.mark.parametrize(
    ("options", "tag", "prefix", "goes"),
    [
        (RepairOptions(), TAG, False, True),
        (RepairOptions(), "linux_aarch64", False, True),
        (RepairOptions(no_strip=True), TAG, False, False),
        (RepairOptions(), TAG, True, False),
        (RepairOptions(strip_wheels=True), TAG, True, True),
    ],
)
def test_what_only_debuggers_read_goes_from_wheels_for_a_tag(
    options: RepairOptions, tag: str, *, prefix: bool, goes: bool, tmp_path: Path
) -> None:
    host = make_host(
        tag, sysroot=make_packaged_root(tmp_path, {"libx.so.1": make_elf(debug_information=b"where x is")})
    )
    host = replace(host, prefix=tmp_path if prefix else None)
    elf = make_elf(defines=("PyInit__fast",), needed=["libx.so.1", "libc.so.6"], debug_information=b"where it is")
    wheel = make_wheel(tmp_path, {EXTENSION: elf, "probe/data.bin": elf[:3], "probe/other.so": make_elf("s390x")})
    repaired(wheel, host, options)
    with zipfile.ZipFile(wheel) as archive:
        contents = [archive.read(name) for name in archive.namelist() if ".so" in name]
        assert archive.read("probe/other.so") == make_elf("s390x")
    assert any(b"where it is" in one or b"where x is" in one for one in contents) != goes
    assert read_wheel(wheel).problems == ()


def test_opposite_wishes_are_refused() -> None:
    with pytest.raises(UsageError, match="exclude each other"):
        RepairOptions(strip_wheels=True, no_strip=True).check()
