"""Where the files of a wheel lead: run paths that the host has or not, and paths of the build machine."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import AuditError
from crossbuild.wheels.audit import Origin
from tests.audited import audited
from tests.unit.wheel_samples import SUFFIX, make_archive, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.host.model import Host

HOST = make_host(libc="glibc 2.36")
EXTENSION = f"probe/_fast{SUFFIX}"
INIT = ("PyInit__fast",)
BUILD = Path("/scratch/build")


def refusal(wheel: Path, host: Host = HOST) -> str:
    with pytest.raises(AuditError) as caught:
        audited(wheel, host, build_paths=[BUILD])
    return str(caught.value)


def make_root(directory: Path, *places: str) -> Path:
    root = directory / "root"
    for place in ("usr/lib", *places):
        (root / place).mkdir(parents=True)
    (root / "lib").symlink_to("usr/lib")
    return root


def with_run_path(directory: Path, path: str, field: str = "runpath") -> Path:
    elf = make_elf(defines=INIT, rpath=path) if field == "rpath" else make_elf(defines=INIT, runpath=path)
    return make_wheel(directory, {EXTENSION: elf})


@pytest.mark.parametrize("field", ["rpath", "runpath"])
@pytest.mark.parametrize("path", ["/scratch/build/lib", "/opt/lib", "/usr/lib/aarch64-linux-gnu/../x"])
def test_an_rpath_of_the_build_machine_is_refused(tmp_path: Path, field: str, path: str) -> None:
    said = refusal(with_run_path(tmp_path, f"$ORIGIN/../probe.libs:{path}", field))
    assert f"{EXTENSION}: its RPATH holds {path}" in said


def test_an_rpath_inside_the_wheel_or_in_the_hosts_libraries_passes(tmp_path: Path) -> None:
    wheel = with_run_path(tmp_path, "$ORIGIN/../probe.libs:${ORIGIN}:/usr/lib/aarch64-linux-gnu/probe", "rpath")
    assert audited(wheel, HOST).warnings == ()


@pytest.mark.parametrize(
    "path", ["/opt/vendor/lib", "/usr/lib64", "/srv/../opt/vendor/lib", "/opt/link", "/opt/vendor/$LIB"]
)
def test_the_root_says_which_directories_the_host_has(tmp_path: Path, path: str) -> None:
    root = make_root(tmp_path, "opt/vendor/lib", "usr/lib64", "srv")
    (root / "opt/link").symlink_to("/opt/vendor/lib")
    host = replace(HOST, sysroot=root)
    assert audited(with_run_path(tmp_path, path), host).warnings == ()


def test_what_the_root_lacks_is_refused(tmp_path: Path) -> None:
    host = replace(HOST, sysroot=make_root(tmp_path, "opt/vendor/lib"))
    assert "its RPATH holds /opt/vendor/lib64" in refusal(with_run_path(tmp_path, "/opt/vendor/lib64"), host)


def test_a_file_or_a_way_out_of_the_root_is_no_directory_of_the_host(tmp_path: Path) -> None:
    root = make_root(tmp_path, "opt")
    (root / "opt/file").touch()
    (root / "opt/out").symlink_to("../../outside")
    (tmp_path / "outside").mkdir()
    for path in ("/opt/file", "/opt/out"):
        assert f"its RPATH holds {path}" in refusal(with_run_path(tmp_path, path), replace(HOST, sysroot=root))


@pytest.mark.parametrize("path", ["/usr/lib64/", "/lib", "/usr/local/lib/aarch64-linux-gnu"])
def test_where_every_loader_looks_needs_no_root(tmp_path: Path, path: str) -> None:
    assert audited(with_run_path(tmp_path, path), HOST).warnings == ()


@pytest.mark.parametrize("tag", ["linux_aarch64", "manylinux_2_28_aarch64"])
def test_a_synthesised_host_has_no_directories(tmp_path: Path, tag: str) -> None:
    wheel = with_run_path(tmp_path, "/usr/lib/aarch64-linux-gnu")
    assert "its RPATH holds" in refusal(wheel, make_host(tag))


def test_the_sysroot_of_a_tag_that_promises_libraries_is_not_the_host(tmp_path: Path) -> None:
    root = make_root(tmp_path, "opt/vendor/lib")
    wheel = with_run_path(tmp_path, "/opt/vendor/lib")
    assert audited(wheel, make_host(sysroot=root)).warnings == ()
    assert "its RPATH holds" in refusal(wheel, make_host("manylinux_2_28_aarch64", sysroot=root))


@pytest.mark.parametrize("path", ["lib", "", "$LIB"])
def test_a_relative_rpath_is_a_warning(tmp_path: Path, path: str) -> None:
    (warning,) = audited(with_run_path(tmp_path, f"$ORIGIN:{path}"), HOST).warnings
    assert f"holds {path!r}, which depends on the current directory" in warning


@pytest.mark.parametrize("path", ["$ORIGIN/../../../..", "${ORIGIN}/../../lib", "$ORIGIN/../../../../../../usr/lib"])
def test_a_run_path_that_leads_out_of_the_packages_is_a_warning(tmp_path: Path, path: str) -> None:
    (warning,) = audited(with_run_path(tmp_path, f"$ORIGIN:{path}"), HOST).warnings
    assert f"its RPATH holds {path}, which leads out of where wheels are installed" in warning


@pytest.mark.parametrize("path", ["$ORIGIN/../probe.libs", "$ORIGIN/..", "${ORIGIN}/../another/lib"])
def test_a_run_path_to_this_or_another_package_is_usual(tmp_path: Path, path: str) -> None:
    assert audited(with_run_path(tmp_path, path), HOST).warnings == ()


def test_a_run_path_may_lead_to_where_a_file_of_the_wheel_is_installed(tmp_path: Path) -> None:
    extension = make_elf(defines=INIT, runpath="$ORIGIN/../../..")
    files = {"probe-1.0.data/data/lib/libown.so.1": make_elf(), EXTENSION: extension}
    assert audited(make_wheel(tmp_path, files), HOST).warnings == ()


def pure(directory: Path, name: str, content: bytes) -> Path:
    return make_wheel(directory, {name: content}, tag="py3-none-any")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("probe-1.0.data/scripts/probe", b"#!/scratch/build/venv/bin/python\nimport probe\n"),
        ("probe-1.0.data/scripts/probe", b"#!/bin/sh\n'''exec' /scratch/build/venv/bin/python \"$0\" \"$@\"\n"),
        ("probe/tool.py", b"#!/scratch/build/venv/bin/python\n"),
        ("probe-1.0.data/data/bin/tool", b"#!/scratch/build/venv/bin/python\n"),
    ],
)
def test_a_script_that_names_the_build_machine_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    for place in ("/scratch/build", "/crossbuild"):
        said = refusal(pure(tmp_path, name, content.replace(b"/scratch/build", place.encode())))
        assert f"{name}: names {place}/venv/bin/python, a path of the build machine" in said


def test_the_names_that_all_builds_have_lead_nowhere_either(tmp_path: Path) -> None:
    wheel = pure(tmp_path, "probe/about.py", b"python = '/crossbuild/cross-venv/bin/python'\n")
    (warning,) = audited(wheel, HOST, build_paths=[BUILD]).warnings
    assert "probe/about.py: names /crossbuild/cross-venv/bin/python, a path" in warning


@pytest.mark.parametrize(
    "content",
    [
        b"#!python\n",
        b"#!/usr/bin/env python3\n",
        b"#!/scratch/builder/python\n",
        b"see /scratch/build-2/x\n",
        b"see /tmp/crossbuild, /tmp/crossbuild-1234 and ~/.cache/crossbuild\n",
        b"/var/scratch/build/x ${PREFIX}/scratch/build/x ../scratch/build http://host/scratch/build\n",
    ],
)
@pytest.mark.parametrize("name", ["probe-1.0.data/scripts/probe", "README.md"])
def test_other_files_pass(tmp_path: Path, name: str, content: bytes) -> None:
    report = audited(pure(tmp_path, name, content), HOST, build_paths=[BUILD, Path("/")])
    assert (report.platform_tags, report.warnings) == (("any",), ())


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner", content)
    return stream.getvalue()


INSIDE = b"/scratch/build/venv/bin/python"
FILES: dict[str, bytes] = {
    "JSON": json.dumps({"argv": [INSIDE.decode(), "-m", "x"]}).encode(),
    "Python": b"prefix = '/scratch/build/venv/bin/python'\n",
    "compiler options": b"libdir=-L/scratch/build/venv/bin/python -lx\n",
    "a URL": b"file:///scratch/build/venv/bin/python",
    "an escape before it": b'"\\n/scratch/build/venv/bin/python"',
    "a script's later lines": b"#!/usr/bin/env python3\nx = '/scratch/build/venv/bin/python'\n",
    "UTF-16": INSIDE.decode().encode("utf-16"),
    "UTF-16, big-endian": f"x {INSIDE.decode()}".encode("utf-16-be"),
    "gzip": gzip.compress(INSIDE),
    "bzip2": bz2.compress(INSIDE),
    "xz": lzma.compress(INSIDE),
    "zip": zipped(INSIDE),
    "far into it": b"x" * 5000 + b"\n" + b"y" * (1 << 20) + b" " + INSIDE,
    "where two parts meet": b"\n" * ((1 << 20) + 4096 - 10) + INSIDE + b"\n" * 5000,
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_names_the_build_machine_is_a_warning(tmp_path: Path, kind: str) -> None:
    report = audited(pure(tmp_path, "probe/data", FILES[kind]), HOST, build_paths=[BUILD])
    assert report.warnings == (f"probe/data: names {INSIDE.decode()}, a path of the build machine. [build-path]",)


@pytest.mark.parametrize("written", ["/a b/é/x", "/a\\ b/é/x", "/a%20b/%C3%A9/x", "/a b/\\u00e9/x"])
def test_paths_with_spaces_and_accents_are_found_however_they_are_written(tmp_path: Path, written: str) -> None:
    wheel = pure(tmp_path, "probe/data", f'x="{written}"\n'.encode())
    (warning,) = audited(wheel, HOST, build_paths=[Path("/a b/é")]).warnings
    assert f"probe/data: names {written}" in warning


def test_a_directory_has_all_its_names(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for name in ("real", "link"):
        wheel = pure(tmp_path, "probe/data", f"{tmp_path}/{name}/x".encode())
        assert len(audited(wheel, HOST, build_paths=[tmp_path / "link"]).warnings) == 1


def test_temporary_directories_of_other_builds_are_known_by_their_names(tmp_path: Path) -> None:
    wheel = pure(tmp_path, "probe/data", b"x=/mnt/tmp/crossbuild-0123456789ab/cross-venv/bin/python\n")
    (warning,) = audited(wheel, HOST).warnings
    assert "names /mnt/tmp/crossbuild-0123456789ab/cross-venv/bin/python" in warning


CODE: dict[str, Callable[[], bytes]] = {
    "constants": lambda: make_elf(defines=INIT, constants=b"\0" + INSIDE + b"\0"),
    "a member of an archive": lambda: make_archive({"x.o": make_elf(kind="ET_REL", constants=INSIDE)}),
}


@pytest.mark.parametrize("kind", CODE)
def test_what_machine_code_reads_counts(tmp_path: Path, kind: str) -> None:
    wheel = make_wheel(tmp_path, {"probe/code": CODE[kind]()})
    (warning,) = audited(wheel, HOST, build_paths=[BUILD]).warnings
    assert f"probe/code: names {INSIDE.decode()}" in warning


def test_a_bill_of_materials_may_tell_of_the_build(tmp_path: Path) -> None:
    wheel = pure(tmp_path, "probe-1.0.dist-info/sboms/probe.cyclonedx.json", b"path+file://" + INSIDE)
    assert audited(wheel, HOST, build_paths=[BUILD]).warnings == ()


def test_debug_information_does_not_count(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {EXTENSION: make_elf(defines=INIT, debug_information=INSIDE)})
    assert audited(wheel, HOST, build_paths=[BUILD]).warnings == ()


def test_many_files_are_a_few_warnings(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {f"probe/{number}": INSIDE for number in range(20)}, tag="py3-none-any")
    warnings = audited(wheel, HOST, build_paths=[BUILD]).warnings
    assert len(warnings) == 6
    assert "15 more files" in warnings[-1]


def test_published_wheels_may_name_the_machine_of_their_builder(tmp_path: Path) -> None:
    wheel = pure(tmp_path, "probe/data", b"/tmp/crossbuild-0123456789ab/x")
    report = audited(wheel, HOST, Origin.PUBLISHED)
    assert (report.warnings, report.tolerated) == ((), ())
