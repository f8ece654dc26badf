"""Hosts that cannot be read: each is a HostError that says what is wrong, and nothing of them is ever run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import HostError, UsageError
from crossbuild.host.describe import describe_host
from crossbuild.host.host_request import HostRequest
from tests.unit.host_samples import PATCHLEVEL, PYCONFIG, SamplePython, elf

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sample(tmp_path: Path) -> SamplePython:
    return SamplePython(root=tmp_path / "root").install()


def fault(text: Path | str, sysroot: Path | None = None) -> str:
    with pytest.raises(HostError) as error:
        describe_host(str(text), python=None, sysroot=sysroot)
    return str(error.value)


@pytest.mark.parametrize(
    "code",
    [
        "import pathlib\npathlib.Path({ran!r}).touch()\nbuild_time_vars = {{'VERSION': '3.11'}}\n",
        "build_time_vars = {{'VERSION': __import__('pathlib').Path({ran!r}).touch()}}\n",
        "build_time_vars = dict(VERSION=open({ran!r}, 'w'))\n",
        "build_time_vars = {{'VERSION': '3.11'}}\nbuild_time_vars['CC'] = open({ran!r}, 'w')\n",
        "build_time_vars = {{'VERSION': '3.11'}}\nif open({ran!r}, 'w'): pass\n",
        "build_time_vars = {{**open({ran!r}, 'w')}}\n",
        "@open({ran!r}, 'w')\nclass build_time_vars: pass\n",
    ],
)
def test_code_in_a_sysconfigdata_is_refused_and_not_run(sample: SamplePython, tmp_path: Path, code: str) -> None:
    ran = tmp_path / "ran"
    sample.sysconfigdata.write_text(code.format(ran=str(ran)))
    text = fault(sample.executable)
    assert "is not a sysconfigdata as CPython writes it" in text
    assert str(sample.sysconfigdata) in text
    assert "never run" in text
    assert not ran.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"build_time_vars = {'VERSION': '3.1",
        b"build_time_vars = {'VERSION': '3.11'",
        b"\0\0\0\0",
        b"\xff\xfe\xfa",
        b"build_time_vars = {'a': " + b"(" * 5000,
        b"build_time_vars = {'a': " + b"-" * 100000 + b"1}",
        b"build_time_vars = {'a': 1" + b"+1" * 100000 + b"}",
        b"build_time_vars = {'a': x" + b".x" * 100000 + b"}",
    ],
)
def test_a_truncated_or_damaged_sysconfigdata(sample: SamplePython, content: bytes) -> None:
    sample.sysconfigdata.write_bytes(content)
    # The parser of Python 3.14 reads long chains of attributes, which then are no literals.
    said = ("is damaged", "is not a sysconfigdata as CPython writes it")
    assert fault(sample.executable).startswith(tuple(f"{sample.sysconfigdata} {what}" for what in said))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "x = 1\n",
        "build_time_vars = [1]\n",
        "build_time_vars = {'a': [1]}\n",
        "build_time_vars = {1: 'a'}\n",
        "build_time_vars = {'a': 1.5}\n",
        "build_time_vars = {'a': '\\0'}\n",
        "build_time_vars = {'\\0': 'a'}\n",
        "build_time_vars = {'a': '\\ud800'}\n",
        f"build_time_vars = {{'a': 0x{'f' * 5000}}}\n",
        f"build_time_vars = {{0x{'f' * 5000}: 'a'}}\n",
        "build_time_vars = {[]: 'a'}\n",
    ],
)
def test_something_else_than_a_sysconfigdata(sample: SamplePython, content: str) -> None:
    sample.sysconfigdata.write_text(content)
    assert "is not a sysconfigdata as CPython writes it" in fault(sample.executable)


def test_a_sysconfigdata_out_of_reason(sample: SamplePython) -> None:
    os.truncate(sample.sysconfigdata, 1 << 30)
    assert "no file of its kind has more" in fault(sample.executable)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"a": 1.5}',
        b'{"a": NaN}',
        b'{"a": {}}',
        b'{"a": "\\u0000"}',
        b"\xff",
        b"[" * 100000,
    ],
)
def test_json_that_holds_no_variables(sample: SamplePython, content: bytes) -> None:
    sample.sysconfigdata.unlink()
    file = sample.library / "_sysconfig_vars__linux_aarch64-linux-gnu.json"
    file.write_bytes(content)
    assert str(file) in fault(sample.executable)


def test_several_sysconfigdata(sample: SamplePython) -> None:
    other = sample.sysconfigdata.with_name("_sysconfigdata__linux_x86_64-linux-gnu.py")
    other.write_text("build_time_vars = {'VERSION': '3.11'}\n")
    text = fault(sample.executable)
    assert str(other) in text
    assert str(sample.sysconfigdata) in text


def test_a_directory_where_a_file_should_be(sample: SamplePython) -> None:
    sample.sysconfigdata.unlink()
    sample.sysconfigdata.mkdir()
    assert "is not a regular file" in fault(sample.executable)


def test_a_pipe_where_a_file_should_be_is_not_waited_for(sample: SamplePython) -> None:
    sample.sysconfigdata.unlink()
    os.mkfifo(sample.sysconfigdata)
    assert "is not a regular file" in fault(sample.executable)
    sample.executable.unlink()
    os.mkfifo(sample.executable)
    assert "neither a file nor a directory" in fault(sample.executable)


def test_no_sysconfigdata(sample: SamplePython) -> None:
    sample.sysconfigdata.unlink()
    assert "not the prefix of a CPython" in fault(sample.executable)


def test_headers_of_another_version(sample: SamplePython) -> None:
    (sample.include / "patchlevel.h").write_text(PATCHLEVEL.format(minor=12))
    assert "contradicts itself" in fault(sample.executable)


def test_a_sysconfigdata_of_another_version(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path, variables={"VERSION": "3.9"}).install()
    text = fault(sample.executable)
    assert "contradicts itself" in text
    assert "3.9" in text


def test_headers_that_say_no_version(sample: SamplePython) -> None:
    (sample.include / "patchlevel.h").write_text("")
    assert "does not say which version" in fault(sample.executable)


def test_a_pyconfig_for_another_machine(sample: SamplePython) -> None:
    (sample.include / "pyconfig.h").write_text(PYCONFIG.format(size=4))
    assert "is for another machine" in fault(sample.executable)


@pytest.mark.parametrize(
    ("variable", "why"),
    [
        ({"EXT_SUFFIX": None}, "EXT_SUFFIX is missing"),
        ({"EXT_SUFFIX": "nonsense"}, "EXT_SUFFIX is 'nonsense', which no"),
        ({"EXT_SUFFIX": ".x/y.so"}, "EXT_SUFFIX is '.x/y.so', which no"),
        ({"EXT_SUFFIX": ".cpython-39-aarch64-linux-gnu.so"}, "modules of this Python are called cpython-311."),
        ({"EXT_SUFFIX": ".cpython-311d-aarch64-linux-gnu.so"}, "modules of this Python are called cpython-311."),
        ({"MULTIARCH": "../aarch64-linux-gnu"}, "MULTIARCH is '../aarch64-linux-gnu', which is no tuple"),
        ({"ABIFLAGS": "../d"}, "'../d'"),
    ],
)
def test_variables_that_no_cpython_has(variable: dict[str, str | int | None], why: str, tmp_path: Path) -> None:
    assert why in fault(SamplePython(root=tmp_path, variables=variable).install().executable)


def test_a_suffix_that_the_user_sets(tmp_path: Path) -> None:
    home = str(SamplePython(root=tmp_path).install().home)
    with pytest.raises(HostError, match="EXT_SUFFIX is 'x'"):
        describe_host(home, request=HostRequest(config_vars={"EXT_SUFFIX": "x"}))


def test_a_binary_that_contradicts_the_record(sample: SamplePython) -> None:
    sample.executable.write_bytes(elf("x86_64", "/lib64/ld-linux-x86-64.so.2"))
    text = fault(sample.executable)
    assert "contradicts itself" in text
    assert "aarch64-linux-gnu" in text
    assert "x86_64" in text


def test_a_glibc_binary_with_a_musl_record(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path, multiarch="aarch64-linux-musl").install()
    assert "contradicts itself" in fault(sample.executable)


def test_pointers_of_another_size(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path, variables={"SIZEOF_VOID_P": 4}).install()
    assert "pointers have 4 bytes" in fault(sample.executable)


@pytest.mark.parametrize(
    ("architecture", "multiarch", "interpreter", "flags"),
    [
        ("armv7l", "armeb-linux-gnueabihf", "/lib/ld-linux-armhf.so.3", 0x5000400),
        ("aarch64", "mips64el-linux-gnuabi64", "/lib/ld-linux-aarch64.so.1", 0),
        ("x86_64", "x86_64-linux-gnux32", "/lib64/ld-linux-x86-64.so.2", 0),
    ],
)
def test_machines_that_are_not_known(
    tmp_path: Path, architecture: str, multiarch: str, interpreter: str, flags: int
) -> None:
    sample = SamplePython(
        root=tmp_path, architecture=architecture, multiarch=multiarch, interpreter=interpreter, flags=flags
    ).install()
    text = fault(sample.executable)
    assert "a machine that crossbuild does not know" in text
    assert "aarch64" in text


@pytest.mark.parametrize(("multiarch", "flags"), [("arm-linux-gnueabi", 0x5000400), ("arm-linux-gnueabihf", 0x5000200)])
def test_the_float_abi_has_to_agree(tmp_path: Path, multiarch: str, flags: int) -> None:
    sample = SamplePython(root=tmp_path, architecture="armv7l", multiarch=multiarch, flags=flags).install()
    assert "contradicts itself" in fault(sample.executable)


@pytest.mark.parametrize("loader", ["/lib/ld-uClibc.so.1", "/system/bin/linker64"])
def test_c_libraries_that_are_not_known(tmp_path: Path, loader: str) -> None:
    sample = SamplePython(root=tmp_path, interpreter=loader).install()
    assert "a C library that crossbuild does not know" in fault(sample.executable)


@pytest.mark.parametrize("size", [0, 3, 4, 20, 63, 64, 70, 100, 119])
def test_a_truncated_executable(sample: SamplePython, size: int) -> None:
    sample.executable.write_bytes(sample.executable.read_bytes()[:size])
    text = fault(sample.executable)
    assert "not a whole ELF file" in text or "not a host Python's executable" in text


def test_a_script_instead_of_an_executable_is_not_run(sample: SamplePython, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    sample.executable.write_text(f"#!/bin/sh\ntouch {ran}\n")
    assert "It is a script" in fault(sample.executable)
    assert not ran.exists()


def test_links_that_go_round_in_circles(sample: SamplePython) -> None:
    sample.executable.unlink()
    sample.executable.symlink_to("python3")
    sample.executable.with_name("python3").symlink_to(sample.executable.name)
    assert "go round in circles" in fault(sample.executable)
    sample.sysconfigdata.unlink()
    sample.sysconfigdata.symlink_to(sample.sysconfigdata.name)
    assert "go round in circles" in fault(sample.home)


def test_a_link_to_nowhere(sample: SamplePython) -> None:
    sample.executable.unlink()
    sample.executable.symlink_to("/gone/python3.11")
    assert "/gone/python3.11, which is not there" in fault(sample.executable)


def test_a_directory_that_is_no_prefix(tmp_path: Path) -> None:
    (tmp_path / "lib/python3").mkdir(parents=True)
    assert "not the prefix of a CPython" in fault(tmp_path)


def test_the_prefix_inside_a_root_is_suggested(sample: SamplePython) -> None:
    assert f"Did you mean {sample.home}?" in fault(sample.root)


def test_a_virtual_environment(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert "is a virtual environment" in fault(tmp_path)


def test_a_sysroot_that_is_not_there(sample: SamplePython, tmp_path: Path) -> None:
    for host in (sample.executable, "manylinux_2_28_aarch64"):
        with pytest.raises(UsageError, match="nowhere is not a directory"):
            describe_host(str(host), sysroot=tmp_path / "nowhere")


def test_a_path_that_is_not_there_names_what_is(sample: SamplePython) -> None:
    text = fault(sample.executable.with_name("python3.12"))
    assert "There is no" in text
    assert "it holds python3.11" in text


@pytest.mark.parametrize("text", ["raspberry", "", "a\0b", "x" * 5000])
def test_text_that_names_no_host(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "manylinux_2_28_aarch64" in fault(text)


@pytest.mark.parametrize("text", ["a\0/b", "x" * 5000 + "/y"])
def test_paths_that_no_system_would_take(text: str) -> None:
    assert "platform tag" in fault(text)


@pytest.mark.parametrize("tag", ["manylinux_aarch64", "linux_vax", "musllinux_1_2_", "linux"])
def test_bad_tags(tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert repr(tag) in fault(tag)
