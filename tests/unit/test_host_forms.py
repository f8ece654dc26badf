"""The forms in which a host Python is given, beyond an installed one."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import HostError
from crossbuild.host.describe import describe_host
from crossbuild.host.host_request import HostRequest
from crossbuild.host.model import Host
from crossbuild.interpreter.prefix_layout import on_this_machine
from tests.unit.host_samples import SamplePython

if TYPE_CHECKING:
    from pathlib import Path


def read(text: Path, request: HostRequest | None = None, sysroot: Path | None = None) -> Host:
    host = describe_host(str(text), request=request, sysroot=sysroot)
    assert isinstance(host, Host)
    return host


def fault(text: Path, request: HostRequest | None = None) -> str:
    with pytest.raises(HostError) as error:
        describe_host(str(text), request=request)
    return str(error.value)


@dataclass(frozen=True)
class Built:
    """A directory that looks as one in which a CPython was built."""

    directory: Path
    sample: SamplePython

    @classmethod
    def from_sample(cls, sample: SamplePython, directory: Path) -> Built:
        """Move what ``sample`` has installed to where it was built."""
        built = directory / "build/lib.linux-aarch64-3.11"
        built.mkdir(parents=True)
        sample.sysconfigdata.rename(built / sample.sysconfigdata.name)
        sample.executable.rename(directory / "python")
        sample.include.rename(directory / "Include")
        (directory / "Include/pyconfig.h").rename(directory / "pyconfig.h")
        (directory / "pybuilddir.txt").write_text("build/lib.linux-aarch64-3.11")
        return cls(directory=directory, sample=sample)

    @property
    def pointer(self) -> Path:
        return self.directory / "pybuilddir.txt"


@pytest.fixture
def built(tmp_path: Path) -> Built:
    return Built.from_sample(SamplePython(root=tmp_path / "root").install(), tmp_path / "built")


def test_a_build_directory(built: Built) -> None:
    for text in (built.directory, built.directory / "python"):
        host = read(text)
        assert host.python_version == (3, 11, 4)
        assert host.ext_suffix == ".cpython-311-aarch64-linux-gnu.so"
        assert host.platform.wheel_tag == "linux_aarch64"
        assert host.headers == built.directory / "Include"
        assert "SIZEOF_VOID_P 8" in host.pyconfig
        assert host.prefix == built.directory
        assert host.sysroot is None


@pytest.mark.parametrize("source", ["../source", "ABSOLUTE", "MOVED"])
def test_a_build_directory_beside_its_source(tmp_path: Path, source: str) -> None:
    """configure was called as ``../source/configure``, or by its whole path, perhaps before both were moved."""
    recorded = {"../source": {"srcdir": "../source"}, "ABSOLUTE": {"srcdir": str(tmp_path / "source")}}
    moved = {"srcdir": "/builder/source", "abs_builddir": "/builder/built"}
    sample = SamplePython(root=tmp_path / "root", variables={**recorded.get(source, moved)}).install()
    built = Built.from_sample(sample, tmp_path / "built")
    (tmp_path / "source").mkdir()
    (built.directory / "Include").rename(tmp_path / "source/Include")
    assert read(built.directory).headers == tmp_path / "source/Include"
    (tmp_path / "source").rename(tmp_path / "elsewhere")
    assert "--headers" in fault(built.directory)
    headers = tmp_path / "elsewhere/Include"
    assert read(built.directory, HostRequest(headers=headers)).headers == headers


@pytest.mark.parametrize("text", ["", "\n", "../root/usr/lib/python3.11", "/usr/lib", ".", "gone", "a\0b", "x" * 300])
def test_a_build_directory_that_points_elsewhere(built: Built, text: str) -> None:
    built.pointer.write_text(text)
    assert "names no directory inside" in fault(built.directory) or "cannot be read" in fault(built.directory)


def test_a_build_directory_that_points_out_by_a_link(built: Built, tmp_path: Path) -> None:
    (built.directory / "out").symlink_to(tmp_path / "root/usr/lib")
    built.pointer.write_text("out/python3.11")
    assert "names no directory inside" in fault(built.directory)


def test_a_build_directory_whose_pointer_cannot_be_read(built: Built) -> None:
    built.pointer.unlink()
    os.mkfifo(built.pointer)
    assert "is not a regular file" in fault(built.directory)
    built.pointer.unlink()
    built.pointer.symlink_to("pybuilddir.txt")
    assert "go round in circles" in fault(built.directory)


def test_a_build_directory_of_another_abi(built: Built) -> None:
    assert "records are '', but 't' was asked for" in fault(built.directory, HostRequest(abi_flags="t"))


def test_a_build_directory_has_its_library_beside_everything_else(built: Built) -> None:
    host = read(built.directory)
    assert (host.build_time_vars["LIBDIR"], on_this_machine("/usr", host)) == ("/usr", built.directory)
    chosen = read(built.directory, HostRequest(config_vars={"LIBDIR": "/lib"}))
    assert chosen.build_time_vars["LIBDIR"] == "/lib"


def test_a_build_that_did_not_come_to_its_end(built: Built) -> None:
    (built.directory / "pyconfig.h").unlink()
    assert "pyconfig.h cannot be read" in fault(built.directory)
    next(built.directory.glob("build/*/_sysconfigdata*")).unlink()
    assert "There is no _sysconfigdata" in fault(built.directory)


def test_a_profile_of_links_into_a_store(tmp_path: Path) -> None:
    """The links are absolute ones of the root, for each header one, and every directory has a store of its own."""
    root = tmp_path / "root"
    sample = SamplePython(root=root, prefix="/usr/local").install()
    profile = sample.home.rename(tmp_path / "files")
    for part in ("bin", "lib", "include"):
        (root / "store" / part).mkdir(parents=True)
        (profile / part).rename(root / "store" / part / part)
    for name in ("bin/python3.11", "lib/python3.11", *(f"include/python3.11/{h}.h" for h in ("Python", "pyconfig"))):
        link = sample.home / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"/store/{name.partition('/')[0]}/{name}")
    for text in (sample.home, sample.executable):
        host = read(text)
        assert host.headers == root / "store/include/include/python3.11"
        assert host.sysroot == root
        assert host.origin["platform"] == str(root / "store/bin/bin/python3.11")


def test_a_prefix_that_stow_filled(tmp_path: Path) -> None:
    root = tmp_path / "root"
    sample = SamplePython(root=root, prefix="/usr/local/stow/python").install()
    recorded = repr({**sample.recorded(), "prefix": "/usr/local", "INCLUDEPY": "/usr/local/include/python3.11"})
    sample.sysconfigdata.write_text(f"build_time_vars = {recorded}\n")
    for name in ("bin", "lib", "include"):
        (root / "usr/local" / name).symlink_to(f"stow/python/{name}")
    for text in (root / "usr/local", root / "usr/local/bin/python3.11"):
        assert read(text).sysroot == root


def test_one_of_several_sysconfigdata_is_chosen(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path).install()
    own = sample.sysconfigdata.rename(sample.library / "_sysconfigdata_aarch64_conda_linux_gnu.py")
    other = sample.library / "_sysconfigdata_linux_other.py"
    other.write_text(own.read_text().replace("gcc", "aarch64-conda-linux-gnu-cc"))
    text = fault(sample.home)
    assert "2 sysconfigdata that differ" in text
    assert "--sysconfigdata FILE" in text
    assert (str(own) in text, str(other) in text) == (True, True)
    assert read(sample.home, HostRequest(sysconfigdata=own)).build_time_vars["CC"] == "gcc"
    assert read(sample.home, HostRequest(sysconfigdata=other)).build_time_vars["CC"] == "aarch64-conda-linux-gnu-cc"


def test_json_variables_where_there_is_nothing_else(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path, minor=14).install()
    file = sample.sysconfigdata.with_name("_sysconfig_vars__linux_aarch64-linux-gnu.json")
    file.write_text(json.dumps({**sample.recorded(), "userbase": None}))
    assert read(sample.home).origin["build_time_vars"] == str(sample.sysconfigdata)
    sample.sysconfigdata.unlink()
    host = read(sample.home)
    assert host.build_time_vars == sample.recorded()
    assert host.origin["build_time_vars"] == str(file)


def test_the_directory_that_ubuntu_had_for_it(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path, minor=8).install()
    directory = sample.library / "plat-aarch64-linux-gnu"
    directory.mkdir()
    sample.sysconfigdata.rename(directory / "_sysconfigdata_m.py")
    assert read(sample.executable).version == "3.8"


def test_a_debug_python_beside_its_release(tmp_path: Path) -> None:
    release, debug = (SamplePython(root=tmp_path, abi_flags=flags).install() for flags in ("", "d"))
    assert (read(release.executable).abi_flags, read(debug.executable).abi_flags) == ("", "d")
    assert read(release.home).abi_flags == ""
    host = read(release.home, HostRequest(abi_flags="d"))
    assert (host.abi_flags, host.headers) == ("d", debug.include)
    assert "holds several Pythons" not in fault(release.home, HostRequest(abi_flags="t"))
    assert "one with the ABI flags 't' was asked for" in fault(release.home, HostRequest(abi_flags="t"))


def test_a_free_threaded_python_beside_the_usual_one(tmp_path: Path) -> None:
    usual, threaded = (SamplePython(root=tmp_path, minor=13, abi_flags=flags).install() for flags in ("", "t"))
    assert (read(usual.executable).abi_flags, read(threaded.executable).abi_flags) == ("", "t")
    text = fault(usual.home)
    assert "several Pythons: 3.13, 3.13t" in text
    assert "--python, such as 3.13t" in text
    assert read(usual.home, HostRequest(abi_flags="t")).abi_flags == "t"


@pytest.mark.parametrize("flags", ["d", "t", "td"])
def test_the_plain_name_that_is_installed_with_every_python(tmp_path: Path, flags: str) -> None:
    sample = SamplePython(root=tmp_path, minor=13, abi_flags=flags).install()
    plain = sample.executable.with_name("python3.13")
    plain.write_bytes(sample.executable.read_bytes())
    assert (read(plain).abi_flags, read(sample.home).abi_flags) == (flags, flags)


def test_file_names_and_variables_of_two_abis(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path, abi_flags="d", variables={"ABIFLAGS": ""}).install()
    assert "records are '', but 'd' was asked for or is in its files' names" in fault(sample.executable)


@pytest.mark.parametrize("name", ["bin/pypy3", "bin/pypy3.9", "."])
def test_pypy(tmp_path: Path, name: str) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    (sample.library.with_name("pypy3.9")).mkdir()
    sample.executable.rename(sample.home / "bin/pypy3.9")
    (sample.home / "bin/pypy3").symlink_to("pypy3.9")
    sample.sysconfigdata.unlink()
    text = fault(sample.home / name)
    assert "is PyPy; crossbuild builds for CPython" in text
    assert "pure Python" in text


def test_variables_of_pypy(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path, variables={"EXT_SUFFIX": ".pypy39-pp73-aarch64-linux-gnu.so"}).install()
    assert "is PyPy" in fault(sample.executable)
