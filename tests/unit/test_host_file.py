"""Host files: what a device said, read back; and hosts written as such files."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.build_python.discovery import BuildPython
from crossbuild.errors import HostError
from crossbuild.export.host_facts import host_facts, host_json
from crossbuild.host.complete import complete
from crossbuild.host.describe import describe_host
from crossbuild.host.described.host_file import host_document, read_host_file
from crossbuild.host.device import Device
from crossbuild.host.host_request import HostRequest
from crossbuild.host.markers import marker_environment
from crossbuild.host.model import Host, PartialHost
from crossbuild.platforms.platform import ARCHITECTURES, Platform
from tests.unit.host_samples import PATCHLEVEL, PYCONFIG, SamplePython

if TYPE_CHECKING:
    from crossbuild.system.cache import Cache

MINOR = sys.version_info.minor
NOTHING = HostRequest()


OWN_PATCHLEVEL = PATCHLEVEL.format(minor=MINOR)


def headers(directory: Path, minor: int | None = MINOR) -> None:
    """Write the headers of Python 3.``minor``; None leaves out the one that tells."""
    (directory / "Python.h").write_text("")
    if minor is not None:
        (directory / "patchlevel.h").write_text(PATCHLEVEL.format(minor=minor))


def document(**changes: Any) -> dict[str, Any]:
    """Return what a 32-bit Raspberry Pi would say; ``changes`` replace parts, or in a part with ``__`` its values."""
    found: dict[str, Any] = {
        "crossbuild-host": 1,
        "python": {"implementation": "cpython", "version": f"3.{MINOR}.4", "abi_flags": "", "prefix": "/usr"},
        "platform": {"machine": "armv7l", "bits": 32, "libc": "glibc", "libc_version": "2.36"},
        "build_time_vars": {
            "ABIFLAGS": "",
            "CC": "arm-linux-gnueabihf-gcc",
            "EXT_SUFFIX": f".cpython-3{MINOR}-arm-linux-gnueabihf.so",
            "MULTIARCH": "arm-linux-gnueabihf",
            "SIZEOF_VOID_P": 4,
            "VERSION": f"3.{MINOR}",
            "prefix": "/usr",
        },
        "pyconfig": PYCONFIG.format(size=4),
        "device": {
            "markers": {"platform_machine": "aarch64", "platform_release": "6.6.20-v8+"},
            "tags": [f"cp3{MINOR}-cp3{MINOR}-manylinux_2_36_armv7l"],
            "libraries": ["libc.so.6", "libz.so.1"],
            "distributions": {"numpy": "1.26.4"},
            "cpu_features": ["half", "thumb", "neon"],
        },
    }
    for name, value in changes.items():
        part, _, key = name.partition("__")
        if key:
            found[part] = {**found[part], key: value}
        else:
            found[part] = value
    return found


def read(
    document: dict[str, Any], *, sysroot: Path | None = None, request: HostRequest = NOTHING
) -> Host | PartialHost:
    # As from a file: what JSON cannot hold would be noticed here.
    held = json.loads(json.dumps(document))
    return read_host_file(held, path=Path("board.json"), name="pi", sysroot=sysroot, request=request)


def completed(partial: Host | PartialHost, cache: Cache) -> Host:
    assert isinstance(partial, PartialHost)
    build_python = BuildPython.from_executable(Path(sys.executable))

    def compilers() -> Any:
        pytest.fail("what a device said is not measured")

    return complete(partial, compilers=compilers, build_python=build_python, cache=cache)


def sample_host(root: Path, **changes: Any) -> Host:
    host = describe_host(str(SamplePython(root=root, minor=MINOR, **changes).install().executable))
    assert isinstance(host, Host)
    return host


def test_a_captured_host() -> None:
    host = read(document())
    assert host.platform == Platform(architecture=ARCHITECTURES["armv7l"], libc="glibc", libc_version=(2, 36))
    assert isinstance(host, PartialHost), "it has no headers"
    assert (host.python_version, host.micro, host.abi_flags) == ((3, MINOR), 4, "")
    assert host.build_time_vars == document()["build_time_vars"]
    assert host.pyconfig == PYCONFIG.format(size=4)
    assert host.device == Device(
        markers={"platform_machine": "aarch64", "platform_release": "6.6.20-v8+"},
        tags=(f"cp3{MINOR}-cp3{MINOR}-manylinux_2_36_armv7l",),
        libraries=("libc.so.6", "libz.so.1"),
        distributions={"numpy": "1.26.4"},
        cpu_features=("half", "thumb", "neon"),
    )
    assert (host.prefix, host.sysroot) == (None, None), "its paths are not this machine's"
    assert set(host.origin.values()) == {"board.json"}


def test_its_headers_are_lent(cache: Cache) -> None:
    host = completed(read(document()), cache)
    assert host.headers == BuildPython.from_executable(Path(sys.executable)).include
    assert host.pyconfig == PYCONFIG.format(size=4)
    assert (host.python_version, host.synthesised) == ((3, MINOR, 4), False)
    assert host.device == read(document()).device


def test_its_headers_are_its_own(cache: Cache) -> None:
    headers = {"Python.h": '#include "object.h"\n', "cpython/object.h": "/* é */\n", "patchlevel.h": OWN_PATCHLEVEL}
    host = completed(read(document(headers=headers)), cache)
    assert {str(file.relative_to(host.headers)): file.read_text() for file in host.headers.rglob("*.h")} == headers
    assert host.origin["headers"] == "board.json"
    assert completed(read(document(headers=headers)), cache) == host


def test_the_names_of_modules_that_it_tells_count(cache: Cache) -> None:
    partial, suffix = read(document()), f".cpython-3{MINOR}-arm.so"
    assert isinstance(partial, PartialHost)
    variables = completed(replace(partial, ext_suffix=suffix), cache).build_time_vars
    assert (variables["EXT_SUFFIX"], variables["SOABI"]) == (suffix, suffix[1:-3])


def test_headers_beside_it(tmp_path: Path) -> None:
    headers(tmp_path)
    host = read(document(), request=HostRequest(headers=tmp_path))
    assert isinstance(host, Host)
    assert (host.headers, host.origin["headers"]) == (tmp_path, str(tmp_path))


def test_headers_that_were_there_are_not_said_to_be_lent(tmp_path: Path, cache: Cache) -> None:
    headers(tmp_path)
    host = completed(read(document(here={"headers": str(tmp_path)}, pyconfig=None)), cache)
    assert (host.headers, host.origin["headers"]) == (tmp_path, str(tmp_path))


@pytest.mark.parametrize("minor", [MINOR - 1, None])
def test_headers_of_another_python(minor: int | None, tmp_path: Path) -> None:
    headers(tmp_path, minor)
    with pytest.raises(HostError, match=r"those of Python 3\.|patchlevel\.h cannot be read"):
        read(document(), request=HostRequest(headers=tmp_path))
    assert read(document(here={"headers": str(tmp_path)})).headers is None, "as if they were not there"


def test_a_device_without_headers_has_no_pyconfig(cache: Cache) -> None:
    host = completed(read(document(pyconfig=None)), cache)
    assert "#define SIZEOF_VOID_P 4" in host.pyconfig, "its build variables say it"


def test_the_sysroot_is_where_the_user_says(tmp_path: Path) -> None:
    assert read(document(), sysroot=tmp_path).sysroot == tmp_path


@pytest.mark.parametrize(
    ("changes", "machine"),
    [
        ({"platform__machine": "armv6l"}, "armv6l"),
        ({"platform__machine": "armv7l"}, "armv7l"),
        (
            {
                "build_time_vars__MULTIARCH": "arm-linux-gnueabi",
                "platform__machine": "armv7l",
            },
            "armv5tel",
        ),
        (
            {"build_time_vars__MULTIARCH": "i386-linux-gnu", "platform__machine": "i586"},
            "i686",
        ),
    ],
)
def test_the_device_decides_on_the_machine(changes: dict[str, Any], machine: str) -> None:
    assert read(document(**changes)).platform.architecture.name == machine


def test_a_python_for_musl_may_record_gnu() -> None:
    assert read(document(platform__libc="musl", platform__libc_version="1.2.5")).platform.libc_text == "musl 1.2"
    assert read(document(platform__libc=None, platform__libc_version=None)).platform.libc_text == "glibc"


def test_other_build_variables(tmp_path: Path) -> None:
    file = tmp_path / "_sysconfigdata__linux_arm-linux-gnueabihf.py"
    variables = {**document()["build_time_vars"], "CC": "other-gcc"}
    file.write_text(f"build_time_vars = {variables!r}\n")
    host = read(document(), request=HostRequest(sysconfigdata=file))
    assert host.build_time_vars == variables
    assert host.origin["build_time_vars"] == str(file)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"crossbuild-host": 2}, "2 instead of 1"),
        ({"crossbuild-host": "1"}, "'1' instead of 1"),
        ({"crossbuild-host": True}, "True instead of 1"),
        ({"python": None}, "it has no python"),
        ({"platform": {}, "build_time_vars": {}}, "it has no platform and no build_time_vars"),
        ({"python": ["3.11"]}, "python in board.json is not an object"),
        ({"python__implementation": "pypy"}, "python in board.json is pypy"),
        ({"python__implementation": None}, "is unnamed"),
        ({"python__version": "2.7.18"}, "not a version of Python 3"),
        ({"python__version": 3.11}, "version in python in board.json is not a text"),
        ({"python__version": "3.6.1"}, "build variables are those of"),
        ({"python__abi_flags": "t"}, "ABI flags are 't', but its build variables say ''"),
        ({"platform__machine": "aarch64"}, "its machine is aarch64, its build variables are for arm-linux-gnueabihf"),
        ({"platform__machine": "vax"}, "does not know the machine 'vax'"),
        ({"platform__libc": "bionic"}, "libc in platform in board.json is bionic"),
        ({"platform__libc_version": "two"}, "libc_version 'two'"),
        ({"platform__libc_version": "0.0"}, "libc_version '0.0'"),
        ({"platform__libc_version": "2.999999999999999"}, "libc_version '2.999999999999999'"),
        ({"platform__libc": "musl", "platform__libc_version": "2.36"}, "no musl's: libc_version '2.36'"),
        ({"platform__tag_family": "macosx"}, "tag_family 'macosx'"),
        ({"platform__tag_family": "musllinux"}, "no glibc's: libc_version '2.36', tag_family 'musllinux'"),
        ({"platform_tags": ["musllinux_1_2_armv7l"]}, "do not run on pi, which has glibc"),
        ({"platform_tags": ["manylinux_2_28_x86_64"]}, "do not run on pi, which is armv7l"),
        ({"platform_tags": ["any"]}, "'any' is not a platform tag"),
        ({"python__abi_flags": "x", "build_time_vars__ABIFLAGS": "x"}, "flags are t, d or both"),
        ({"build_time_vars__MULTIARCH": "arm-linux-musleabihf"}, "is glibc, but its build variables are for musl"),
        ({"build_time_vars__CC": ["gcc"]}, "CC of build_time_vars in board.json is not a text or a whole number"),
        ({"build_time_vars__SIZEOF_VOID_P": 8}, "its pointers have 8 bytes"),
        ({"build_time_vars__EXT_SUFFIX": None}, "is not a text or a whole number"),
        ({"build_time_vars__EXT_SUFFIX": ""}, "EXT_SUFFIX is missing"),
        ({"build_time_vars__EXT_SUFFIX": "nonsense"}, "EXT_SUFFIX is 'nonsense', which no extension module"),
        ({"build_time_vars__EXT_SUFFIX": ".a/../b.so"}, "EXT_SUFFIX is '.a/../b.so', which no extension module"),
        ({"build_time_vars__EXT_SUFFIX": ".cpython-36-arm-linux-gnueabihf.so"}, f"are called cpython-3{MINOR}."),
        ({"build_time_vars__EXT_SUFFIX": f".cpython-3{MINOR}t-arm.so"}, f"are called cpython-3{MINOR}."),
        ({"build_time_vars__EXT_SUFFIX": ".pypy39-pp73-arm-linux-gnu.so"}, "is PyPy"),
        ({"build_time_vars__MULTIARCH": "arm-linux-gnueabihf/../x"}, "MULTIARCH is 'arm-linux-gnueabihf/../x'"),
        ({"build_time_vars__SIZEOF_VOID_P": "4"}, "its pointers have '4' bytes"),
        ({"build_time_vars__SIZEOF_INT": True}, "SIZEOF_INT of build_time_vars in board.json is not"),
        ({"build_time_vars__SIZEOF_INT": 1 << 99}, "SIZEOF_INT of build_time_vars in board.json is not"),
        ({"build_time_vars__CC": "\0"}, "CC of build_time_vars in board.json is not"),
        ({"build_time_vars__\ud800": "gcc"}, "\\ud800 of build_time_vars in board.json is not"),
        ({"device__markers": {"\ud800": "gcc"}}, "whose names are texts"),
        ({"pyconfig": PYCONFIG.format(size=8)}, "its pyconfig.h says 8"),
        ({"pyconfig": 7}, "pyconfig in board.json is not a text"),
        ({"headers": {"Python.h": "", "/etc/x.h": ""}}, "'/etc/x.h'"),
        ({"headers": {"Python.h": "", "a/../../x.h": ""}}, "'a/../../x.h'"),
        ({"headers": {"Python.h": "", "x.sh": ""}}, "'x.sh'"),
        ({"headers": {"Python.h": "", "a\0.h": ""}}, "is not an object whose names are texts"),
        ({"headers": {"Python.h": "", "a.h": "", "a.h/b.h": ""}}, "'a.h/b.h'"),
        ({"headers": {"Python.h": "", "a.h": "", "./a.h/b.h": ""}}, "'./a.h/b.h'"),
        ({"headers": {"Python.h": "", "a" * 300 + ".h": ""}}, "is no header below a directory"),
        ({"headers": {"Python.h": ""}}, "patchlevel.h in headers in board.json does not say"),
        ({"headers": {"Python.h": "", "patchlevel.h": PATCHLEVEL.format(minor=6)}}, "are those of Python 3.6"),
        ({"headers": {"object.h": ""}}, "no Python.h"),
        ({"headers": ["Python.h"]}, "headers in board.json is not an object"),
        ({"device": "a Pi"}, "device in board.json is not an object"),
        ({"device__tags": "any"}, "tags in device in board.json is not a list of texts"),
        ({"device__libraries": [1]}, "libraries in device in board.json is not a list of texts"),
        ({"device__markers": {"os_name": 1}}, "os_name in markers in device in board.json is not a text"),
        ({"here": []}, "here in board.json is not an object"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(HostError) as caught:
        read(document(**changes))
    assert words in str(caught.value)
    assert caught.value.fix


def test_other_flags_than_were_asked_for() -> None:
    with pytest.raises(HostError, match="'d' was asked for"):
        read(document(), request=HostRequest(abi_flags="d"))


@pytest.mark.parametrize("changes", [{}, {"architecture": "i686", "multiarch": "i386-linux-gnu"}])
def test_what_is_written_is_what_is_read(changes: dict[str, str], tmp_path: Path) -> None:
    host = sample_host(tmp_path, **changes)
    device, tags = read(document()).device, (f"linux_{host.platform.architecture.name}",)
    for one in (host, replace(host, device=device, platform_tags=tags), replace(host, synthesised=True)):
        again = read(host_document(one))
        assert replace(again, name=one.name, origin=one.origin) == one


def test_a_promise_is_kept(tmp_path: Path) -> None:
    host = replace(sample_host(tmp_path), platform=Platform.from_tag("manylinux_2_28_aarch64"))
    assert read(host_document(host)).platform == host.platform


def test_paths_of_another_machine_are_left_out(tmp_path: Path) -> None:
    text = json.dumps(host_document(sample_host(tmp_path))).replace(str(tmp_path), "/somewhere/else")
    host = read(json.loads(text))
    assert isinstance(host, PartialHost)
    assert (host.headers, host.prefix, host.sysroot) == (None, None, None)
    assert host.build_time_vars


def test_what_was_measured_is_measured_anew_elsewhere(tmp_path: Path) -> None:
    written = host_document(replace(sample_host(tmp_path), synthesised=True)) | {"here": {}}
    host = read(written)
    assert isinstance(host, PartialHost)
    assert (host.build_time_vars, host.pyconfig) == (None, None)


def test_markers(tmp_path: Path, cache: Cache) -> None:
    of_files = marker_environment(sample_host(tmp_path))
    assert of_files == {
        "implementation_name": "cpython",
        "implementation_version": f"3.{MINOR}.4",
        "os_name": "posix",
        "platform_machine": "aarch64",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"3.{MINOR}.4",
        "python_version": f"3.{MINOR}",
        "sys_platform": "linux",
    }
    told = marker_environment(completed(read(document()), cache))
    assert (told["platform_machine"], told["platform_release"]) == ("aarch64", "6.6.20-v8+"), "as its kernel says"
    assert told.keys() == of_files.keys()


def test_facts_for_people(tmp_path: Path, cache: Cache) -> None:
    host = sample_host(tmp_path)
    facts = {fact.name: fact for fact in host_facts(host)}
    assert facts["Python"].value == f"CPython 3.{MINOR}.4"
    assert facts["machine"].value == "aarch64"
    assert (facts["CC"].value, facts["CC"].origin) == ("gcc", host.origin["build_time_vars"])
    assert facts["sysroot"].value == str(tmp_path)
    assert "libraries" not in facts
    told = {fact.name: fact for fact in host_facts(completed(read(document()), cache))}
    assert (told["libraries"].value, told["libraries"].origin) == ("2", "board.json")
    assert told["platform_release"].origin == "board.json"
    assert told["tags"].value.startswith(f"cp3{MINOR}-cp3{MINOR}-manylinux_2_36_armv7l, ")


def test_facts_for_programs(tmp_path: Path) -> None:
    host = sample_host(tmp_path)
    told: dict[str, Any] = host_json(host)
    assert told["origin"] == host.origin
    assert told["markers"] == marker_environment(host)
    assert f"cp3{MINOR}-abi3-linux_aarch64" in told["tags"]
    assert replace(read(told), name=host.name, origin=host.origin) == host
