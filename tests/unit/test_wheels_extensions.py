"""What is called an extension module is one that Python can import, or it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import AuditError
from crossbuild.wheels.audit import Origin
from tests.audited import audited
from tests.unit.wheel_samples import SUFFIX, make_archive, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host

HOST = make_host(libc="glibc 2.36")
NAME = f"probe/fast{SUFFIX}"
GOOD = make_elf(defines=["PyInit_fast"])


def said(tmp_path: Path, files: dict[str, bytes], host: Host = HOST, tag: str = "cp311-cp311-linux_aarch64") -> str:
    """Return why a wheel with ``files`` is refused; nothing if it passes without a warning."""
    try:
        report = audited(make_wheel(tmp_path, files, tag=tag), host)
    except AuditError as error:
        return error.why
    assert report.warnings == ()
    return ""


NO_LIBRARIES = {
    "empty": b"",
    "nothing but zeros": bytes(8192),
    "a Git LFS pointer, in place of the file that it stands for": b"version https://git-lfs.github.com/spec/v1\n",
    "text": b"<!DOCTYPE html>\n<p>Not found\xc3",
    "LLVM bitcode": b"BC\xc0\xde\x35\x14",
    "a Mach-O file, for macOS": b"\xcf\xfa\xed\xfe\x0c\0\0\1",
    "a PE file, for Windows": b"MZ\x90\0",
    "WebAssembly": b"\0asm\1\0\0\0",
    "a static library": make_archive({"x.o": make_elf(kind="ET_REL")}),
    "a thin static library, which only names other files": b"!<thin>\n/0 ",
    "a zip archive": b"PK\x03\x04\0\0",
    "compressed by gzip": b"\x1f\x8b\x08",
    "no ELF file": b"\x7fELG\2\1\1\0",
}


@pytest.mark.parametrize("kind", NO_LIBRARIES)
@pytest.mark.parametrize("name", [NAME, "probe/fast.abi3.so", "probe/fast.so", "probe.libs/libx.so.1.2"])
def test_a_file_that_is_only_called_like_a_library_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    files = {name: NO_LIBRARIES[kind], f"probe/other{SUFFIX}": make_elf(defines=["PyInit_other"])}
    assert f"{name}: is {kind}, and not a shared library" in said(tmp_path, files)
    assert f"{name}: is {kind}" in said(tmp_path, {name: NO_LIBRARIES[kind]}), "nor if it is alone"


def test_a_file_for_other_systems_may_be_in_a_wheel_for_all(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe/lib.so": NO_LIBRARIES["a Mach-O file, for macOS"]}, tag="py3-none-any")
    report = audited(wheel, HOST, Origin.PUBLISHED)
    assert report.tolerated == ("probe/lib.so: is a Mach-O file, for macOS, and not a shared library [not-a-library]",)


@pytest.mark.parametrize("script", [b"/* GNU ld script */\nGROUP(libx.so.1)", b"INPUT(libx.so.1)\n"])
def test_what_a_linker_reads_in_place_of_a_library_passes(tmp_path: Path, script: bytes) -> None:
    assert said(tmp_path, {"probe/lib/libx.so": script, NAME: GOOD}) == ""


@pytest.mark.parametrize(
    ("kind", "what"), [("ET_REL", "an object file"), ("ET_EXEC", "a program"), ("ET_CORE", "a core dump")]
)
@pytest.mark.parametrize("name", [NAME, "probe/fast.so"])
def test_only_shared_objects_can_be_loaded(tmp_path: Path, kind: str, what: str, name: str) -> None:
    content = make_elf(kind=kind, defines=["PyInit_fast"])
    assert f"{name}: is {what}, which Python cannot load" in said(tmp_path, {name: content})


def test_a_program_that_can_be_loaded_anywhere_is_no_shared_object(tmp_path: Path) -> None:
    content = make_elf(defines=["PyInit_fast"], interpreter="/lib/ld-linux-aarch64.so.1", program=True)
    assert f"{NAME}: is a program, which Python cannot load" in said(tmp_path, {NAME: content})


@pytest.mark.parametrize("name", [NAME, "probe/fast.abi3.so"])
def test_a_module_that_python_cannot_start_is_refused(tmp_path: Path, name: str) -> None:
    missing = f"{name}: does not export PyInit_fast, so Python cannot import it [no-init-function]"
    assert said(tmp_path, {name: GOOD}) == ""
    assert said(tmp_path, {name: make_elf()}) == missing
    assert said(tmp_path, {name: make_elf(hidden=["PyInit_fast"])}) == missing
    assert said(tmp_path, {name: make_elf(undefined=["PyInit_fast"])}) == missing
    assert "; it is the module slow [" in said(tmp_path, {name: make_elf(defines=["PyInit_slow"])})


def test_a_plain_library_needs_no_function_that_starts_it(tmp_path: Path) -> None:
    assert said(tmp_path, {NAME: GOOD, "probe/libdata.so": make_elf()}) == ""


def test_a_module_whose_name_is_in_another_script_has_a_name_in_ascii(tmp_path: Path) -> None:
    name = f"probe/größe{SUFFIX}"
    assert said(tmp_path, {name: make_elf(defines=["PyInitU_gre_6ka8i"])}) == ""
    assert "does not export PyInitU_gre_6ka8i" in said(tmp_path, {name: make_elf(defines=["PyInit_größe"])})


def test_a_package_may_be_an_extension(tmp_path: Path) -> None:
    name = f"probe/__init__{SUFFIX}"
    assert said(tmp_path, {name: make_elf(defines=["PyInit_probe"])}) == ""
    assert "does not export PyInit_probe" in said(tmp_path, {name: make_elf(defines=["PyInit___init__"])})


@pytest.mark.parametrize(("minor", "passes"), [(14, False), (15, True)])
def test_modules_that_are_exported_are_for_the_pythons_that_know_them(
    tmp_path: Path, minor: int, *, passes: bool
) -> None:
    suffix = f".cpython-3{minor}-aarch64-linux-gnu.so"
    host = replace(make_host(libc="glibc 2.36", suffix=suffix), python_version=(3, minor, 0))
    content = make_elf(defines=["PyModExport_fast"])
    tag = f"cp3{minor}-cp3{minor}-linux_aarch64"
    refused = said(tmp_path, {f"probe/fast{host.ext_suffix}": content}, host, tag)
    said_of_it = "does not export PyInit_fast, so Python cannot import it; it is the module fast [no-init-function]"
    assert refused.endswith("" if passes else said_of_it)
    assert bool(refused) is not passes


def test_a_published_library_under_the_name_of_a_module_is_tolerated(tmp_path: Path) -> None:
    """Some packages load one by ctypes."""
    report = audited(make_wheel(tmp_path, {NAME: make_elf()}), HOST, Origin.PUBLISHED)
    assert report.tolerated == (f"{NAME}: does not export PyInit_fast, so Python cannot import it [no-init-function]",)
