"""The host's config vars, as a build on this machine has to read them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.build_python.discovery import BuildPython
from crossbuild.host.host_request import with_config_vars
from crossbuild.host.model import Host
from crossbuild.interpreter.localise import localise
from crossbuild.interpreter.prefix_layout import Layout, on_this_machine, sysconfigdata_name
from crossbuild.platforms.platform import Platform
from crossbuild.toolchain.compilers import Compilers

if TYPE_CHECKING:
    from crossbuild.interpreter.localise import Variables

DEBIAN: Variables = {
    "prefix": "/usr",
    "exec_prefix": "/usr",
    "CC": "aarch64-linux-gnu-gcc",
    "CXX": "aarch64-linux-gnu-g++",
    "CPP": "aarch64-linux-gnu-gcc -E",
    "AR": "aarch64-linux-gnu-gcc-ar",
    "LDSHARED": "aarch64-linux-gnu-gcc -shared -Wl,-O1 -Wl,-Bsymbolic-functions   -g -fwrapv -O2   ",
    "LDCXXSHARED": "aarch64-linux-gnu-g++ -shared -Wl,-O1",
    "CFLAGS": "-Wsign-compare -DNDEBUG -g -fwrapv -O2 -Wall -Werror=format-security",
    "CPPFLAGS": "-IObjects -IInclude -IPython -I. -I../Include -Wdate-time -D_FORTIFY_SOURCE=2",
    "INCLUDEPY": "/usr/include/python3.11",
    "LIBDIR": "/usr/lib/aarch64-linux-gnu",
    "LIBPL": "/usr/lib/python3.11/config-3.11-aarch64-linux-gnu",
    "RUNSHARED": "LD_LIBRARY_PATH=/build/python3.11-3.11.2/build-shared",
    "INSTALL": "/usr/bin/install -c",
    "TZPATH": "/usr/share/zoneinfo:/usr/lib/zoneinfo",
    "EXT_SUFFIX": ".cpython-311-aarch64-linux-gnu.so",
    "SOABI": "cpython-311-aarch64-linux-gnu",
    "MULTIARCH": "aarch64-linux-gnu",
    "SIZEOF_LONG": 8,
    "SIZEOF_LONG_DOUBLE": 16,
    "Py_ENABLE_SHARED": 1,
}

COMPILERS = Compilers(
    directory=Path("/c"),
    cc=Path("/c/host-cc"),
    cxx=Path("/c/host-cxx"),
    ar=Path("/c/host-ar"),
    ranlib=Path("/c/host-ranlib"),
    strip=Path("/c/host-strip"),
)


def build_python(stdlib: Path = Path("/opt/b/lib/python3.11")) -> BuildPython:
    return BuildPython(
        executable=Path("/opt/b/bin/python3.11"),
        version=(3, 11, 7),
        abi_flags="",
        prefix=Path("/opt/b"),
        stdlib=stdlib,
        include=Path("/opt/b/include/python3.11"),
        multiarch="x86_64-linux-gnu",
        sysconfigdata_name="_sysconfigdata__linux_x86_64-linux-gnu",
        platform="linux-x86_64",
    )


def host(values: Variables, tag: str = "manylinux_2_28_aarch64") -> Host:
    return Host(
        name="the host",
        platform=Platform.from_tag(tag),
        python_version=(3, 11, 2),
        build_time_vars=values,
        headers=Path("/sys/usr/include/python3.11"),
        pyconfig="",
    )


def localised(
    changes: Variables,
    tag: str = "manylinux_2_28_aarch64",
    build: BuildPython | None = None,
    given: dict[str, str] | None = None,
) -> Variables:
    of_host, python = host(with_config_vars(DEBIAN | changes, given or {}), tag), build or build_python()
    of_host = dataclasses.replace(of_host, config_vars=given or {})
    layout = Layout.from_prefix(Path("/shadow"), build_python=python, host=of_host)
    return localise(of_host, compilers=COMPILERS, layout=layout, build_python=python)


def test_places_are_those_of_the_shadow() -> None:
    values = localised({})
    assert values["prefix"] == values["exec_prefix"] == "/shadow"
    assert values["INCLUDEPY"] == values["CONFINCLUDEPY"] == "/shadow/include/python3.11"
    assert values["LIBPL"] == "/shadow/lib/python3.11/config-3.11-aarch64-linux-gnu"
    assert values["LIBDIR"] == "/shadow/lib/aarch64-linux-gnu"
    assert values["RUNSHARED"] == ""


def test_tools_of_the_build_machine_stay() -> None:
    assert localised({})["INSTALL"] == "/usr/bin/install -c"


def test_facts_stay_as_they_were_read() -> None:
    values = localised({})
    assert {
        name: values[name] for name in ("EXT_SUFFIX", "SOABI", "MULTIARCH", "SIZEOF_LONG", "SIZEOF_LONG_DOUBLE")
    } == {name: DEBIAN[name] for name in ("EXT_SUFFIX", "SOABI", "MULTIARCH", "SIZEOF_LONG", "SIZEOF_LONG_DOUBLE")}


def test_a_suffix_without_a_triplet_is_not_completed() -> None:
    assert localised({"EXT_SUFFIX": ".cpython-311.so"})["EXT_SUFFIX"] == ".cpython-311.so"


def test_optimisation_and_warnings_stay() -> None:
    values = localised({})
    assert values["CFLAGS"] == "-Wsign-compare -DNDEBUG -fwrapv -O2 -Wall -Werror=format-security"
    assert values["CPPFLAGS"] == "-Wdate-time -D_FORTIFY_SOURCE=2"


@pytest.mark.parametrize(
    ("name", "recorded", "wanted"),
    [
        ("CC", "gcc -pthread", "/c/host-cc -pthread"),
        ("CC", "ccache gcc -pthread -march=armv8-a", "/c/host-cc -pthread"),
        ("CC", "/build/farm/bin/aarch64-gcc --sysroot=/build/sysroot -O2", "/c/host-cc -O2"),
        ("CC", "zig cc -target aarch64-linux-musl -Wno-date-time", "/c/host-cc -Wno-date-time"),
        ("CXX", "", "/c/host-cxx"),
        ("CXX", "g++ -pthread", "/c/host-cxx -pthread"),
        ("CPP", "gcc -E", "/c/host-cc -E"),
        ("CPP", "cpp", "/c/host-cc -E"),
        ("AR", "aarch64-linux-gnu-gcc-ar", "/c/host-ar"),
        ("LDSHARED", "gcc -pthread -shared -Wl,-O1 -Wl,-rpath,/x/lib -L/x/lib", "/c/host-cc -pthread -shared -Wl,-O1"),
        ("LDSHARED", "", "/c/host-cc -shared"),
        ("LDCXXSHARED", "g++ -shared -Wl,-z,relro", "/c/host-cxx -shared -Wl,-z,relro"),
    ],
)
def test_commands_become_our_compilers_with_the_flags_that_mean_something(
    name: str, recorded: str, wanted: str
) -> None:
    assert localised({name: recorded})[name] == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CFLAGS", "-O1 -march=armv8.2-a -I/opt/x/include"),
        ("CCSHARED", "-fpic -flto"),
        ("LDFLAGS", ""),
        ("OPT", "-g -O1"),
        ("LIBDIR", "/opt/host/lib"),
        ("RANLIB", "x-ranlib"),
        ("EXT_SUFFIX", ".mine.so"),
        ("MINE", "42"),
    ],
)
def test_what_the_user_set_is_not_touched(name: str, value: str) -> None:
    values = localised({}, given={name: value})
    assert values.pop(name) == value
    others = localised({})
    assert values == {other: text for other, text in others.items() if other != name}


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("CC", "/opt/x/my-cc -mfoo -march=armv8.2-a", "/c/host-cc -mfoo -march=armv8.2-a"),
        ("CC", "ccache my-cc", "/c/host-cc"),
        ("CXX", "my-c++ -L/opt/x", "/c/host-cxx -L/opt/x"),
        ("LDSHARED", "my-cc -Wl,-rpath,/opt/x", "/c/host-cc -Wl,-rpath,/opt/x -shared"),
        ("AR", "my-ar", "/c/host-ar"),
    ],
)
def test_compilers_that_the_user_set_are_ours_with_their_flags(name: str, value: str, wanted: str) -> None:
    assert localised({}, given={name: value})[name] == wanted


def test_a_number_that_the_user_set_is_one_where_it_was_one() -> None:
    assert localised({}, given={"SIZEOF_LONG": "16"})["SIZEOF_LONG"] == 16
    assert localised({}, given={"SIZEOF_LONG": "many"})["SIZEOF_LONG"] == "many"


@pytest.mark.parametrize(
    "name", ["CC", "CXX", "CFLAGS", "CCSHARED", "LDSHARED", "LDCXXSHARED", "SHLIB_SUFFIX", "AR", "ARFLAGS"]
)
def test_nothing_that_setuptools_insists_on_is_missing(name: str) -> None:
    of_host = host({"prefix": "/usr", "MULTIARCH": "", "EXT_SUFFIX": ".so"})
    layout = Layout.from_prefix(Path("/shadow"), build_python=build_python(), host=of_host)
    values = localise(of_host, compilers=COMPILERS, layout=layout, build_python=build_python())
    assert isinstance(values[name], str)


def test_a_compiler_path_with_a_blank_is_quoted() -> None:
    compilers = dataclasses.replace(COMPILERS, cc=Path("/my tools/cc"))
    of_host = host(DEBIAN)
    layout = Layout.from_prefix(Path("/shadow"), build_python=build_python(), host=of_host)
    values = localise(of_host, compilers=compilers, layout=layout, build_python=build_python())
    assert values["CC"] == "'/my tools/cc'"


def test_what_the_running_standard_library_reads_is_the_build_pythons(tmp_path: Path) -> None:
    own = "build_time_vars = {'TZPATH': '/build/zoneinfo', 'WHEEL_PKG_DIR': '/build/wheels', 'CC': 'gcc'}\n"
    (tmp_path / "_sysconfigdata__linux_x86_64-linux-gnu.py").write_text(own)
    values = localised({"WHEEL_PKG_DIR": "/usr/share/python-wheels/"}, build=build_python(tmp_path))
    assert values["TZPATH"] == "/build/zoneinfo"
    assert values["WHEEL_PKG_DIR"] == "/build/wheels"
    assert values["CC"] == "/c/host-cc"


@pytest.mark.parametrize(
    ("own_name", "multiarch", "wanted"),
    [
        ("_sysconfigdata__linux_x86_64-linux-gnu", "x86_64-linux-gnu", "_sysconfigdata__linux_aarch64-linux-gnu"),
        ("_sysconfigdata__x86_64-linux-gnu", "x86_64-linux-gnu", "_sysconfigdata__aarch64-linux-gnu"),
        ("_sysconfigdata__linux_", "", "_sysconfigdata__linux_aarch64-linux-gnu"),
    ],
)
def test_sysconfigdata_is_named_by_the_build_pythons_rule(own_name: str, multiarch: str, wanted: str) -> None:
    python = dataclasses.replace(build_python(), sysconfigdata_name=own_name, multiarch=multiarch)
    assert sysconfigdata_name(python, host(DEBIAN)) == wanted


def test_a_directory_of_the_host_is_looked_for_below_the_sysroot_and_the_prefix(tmp_path: Path) -> None:
    (tmp_path / "root/usr/lib/aarch64-linux-gnu").mkdir(parents=True)
    (tmp_path / "installed/lib").mkdir(parents=True)
    in_sysroot = dataclasses.replace(host(DEBIAN), sysroot=tmp_path / "root")
    in_prefix = dataclasses.replace(host({"prefix": "/usr/local"}), prefix=tmp_path / "installed")
    assert on_this_machine("/usr/lib/aarch64-linux-gnu", in_sysroot) == tmp_path / "root/usr/lib/aarch64-linux-gnu"
    assert on_this_machine("/usr/local/lib", in_prefix) == tmp_path / "installed/lib"


def test_a_directory_that_only_the_build_machine_has_is_not_the_hosts() -> None:
    assert Path("/usr/lib").is_dir()
    assert on_this_machine("/usr/lib", host(DEBIAN)) is None
