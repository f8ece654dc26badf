"""Every build Python of the machine, as every kind of host: whatever a program asks, and however it is started."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import packaging
import pytest
from pyproject_hooks import BuildBackendHookCaller

from tests.cross.pythons import BUILD_PYTHONS, HOST_TAGS, NAMES, expected_platforms, run_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.platforms.platform import Platform
    from tests.cross.pythons import Combination

Seen = dict[str, Any]

PROBE = Path(__file__).parents[1] / "packages/probe"
BUILD_MACHINE = os.uname().machine

WAYS = 16
"""How many ways of starting an interpreter the probe tries at least."""

FACTS_OF_THE_PROCESS = {
    *("sys.abiflags", "sys.byteorder", "sys.platform", "sys.version_info", "os.confstr path", "tags abi"),
    *("EXTENSION_SUFFIXES last", "inspect.getmodulename", "sysconfig makefile"),
    "calcsize in somebody",
}
DIFFERENT_ON_32_BIT = {
    *("sys.maxsize", "sysconfig.SIZEOF_VOID_P", "sysconfig.SIZEOF_LONG", "pyconfig.h", "platform.architecture"),
    *("calcsize in __main__", "calcsize in wheel.bdist_wheel"),
}
DIFFERENT_ON_ANOTHER_MACHINE = {
    *("os.uname", "platform.machine", "sysconfig.get_platform", "distutils platform"),
}


def some_packaging(python: BuildPython, directory: Path) -> Path:
    """Lay out a copy of packaging: from the pip that ``python`` brings along, if any, else from our own environment.

    Returns the directory to import ``vendored.packaging`` from.
    """
    vendored = directory / "vendored"
    wheels = sorted((python.stdlib / "ensurepip/_bundled").glob("pip-*.whl"))
    if not vendored.exists() and wheels:
        with zipfile.ZipFile(wheels[-1]) as archive:
            members = [name for name in archive.namelist() if name.startswith("pip/_vendor/packaging/")]
            archive.extractall(directory, members)
        (directory / "pip/_vendor").rename(vendored)
    elif not vendored.exists():
        shutil.copytree(Path(packaging.__file__).parent, vendored / "packaging")
    return directory


def expected(combination: Combination) -> Seen:
    """Return what every observer has to see."""
    host, build, prefix = combination.host, combination.build, str(combination.cross.prefix)
    platform, machine = host.platform, host.platform.architecture.name
    small = platform.architecture.bits == 32
    glibc = "2.31" if platform.libc == "glibc" else None
    word, tool_sizes, true_sizes = (
        (4, [4] * 6 + [8], [8, 8, 8, 8, 4, 8, 8]) if small else (8, *[[8, 8, 8, 8, 4, 8, 8]] * 2)
    )
    suffix = host.ext_suffix
    include = f"{prefix}/include/python{host.version}"
    seen: Seen = {
        "sys.maxsize": 2**31 - 1 if small else 2**63 - 1,
        "sys.abiflags": "",
        "sys._multiarch": platform.multiarch,
        "sys.cross_compiling": True,
        "sys.byteorder": sys.byteorder,
        "sys.platform": "linux",
        "sys.version_info": list(host.python_version[:2]),
        "sys.base_prefix": prefix,
        "os.uname": ["Linux", machine, machine, "uname_result"],
        "os.confstr": [f"glibc {glibc}" if glibc else "OSError 22"] * 2,
        "os.confstr pthread": f"NPTL {glibc}" if glibc else "OSError 22",
        "os.confstr path": os.confstr("CS_PATH"),
        "sysconfig.EXT_SUFFIX": suffix,
        "sysconfig.SOABI": suffix.split(".")[1],
        "sysconfig.MULTIARCH": platform.multiarch,
        "sysconfig.SIZEOF_VOID_P": word,
        "sysconfig.SIZEOF_LONG": word,
        "sysconfig.CC": f"{combination.compilers.cc} -pthread",
        "sysconfig.CXX": f"{combination.compilers.cxx} -pthread",
        "sysconfig.AR": str(combination.compilers.ar),
        "sysconfig.LDSHARED": f"{combination.compilers.cc} -pthread -shared",
        "sysconfig.INCLUDEPY": include,
        "sysconfig.CONFINCLUDEPY": include,
        "sysconfig.LIBDIR": f"{prefix}/lib/{platform.multiarch}",
        "sysconfig.LIBPL": f"{prefix}/lib/python{host.version}/config-{host.version}-{platform.multiarch}",
        "sysconfig.get_platform": f"linux-{machine}",
        "sysconfig include": include,
        "sysconfig makefile": True,
        "pyconfig.h": [word] * 3,
        "platform.machine": machine,
        "platform.processor": machine,
        "platform.architecture": ["32bit" if small else "64bit", "ELF"],
        "platform.libc_ver": ["glibc", glibc] if glibc else ["", ""],
        "platform.platform": f"Linux-RELEASE-{machine}" + f"-with{f'-glibc{glibc}' if glibc else ''}",
        "platform.uname": [machine] * 3,
        "EXTENSION_SUFFIXES": [suffix, *abi3_suffixes(build, platform), ".so"],
        "EXTENSION_SUFFIXES last": f".cpython-{''.join(map(str, build.version[:2]))}-{build.multiarch}.so",
        "inspect.getmodulename": "a",
        "calcsize in __main__": tool_sizes,
        "calcsize in wheel.bdist_wheel": tool_sizes,
        "calcsize in somebody": true_sizes,
        "tags abi": f"cp{host.version.replace('.', '')}",
        "tags": sorted(expected_platforms(platform)),
    }
    if host.python_version < (3, 12):
        seen |= {
            "distutils platform": f"linux-{machine}",
            "distutils EXT_SUFFIX": suffix,
            "distutils include": include,
        }
    return seen


def abi3_suffixes(build: BuildPython, platform: Platform) -> list[str]:
    """Return what a Python such as ``build`` would load on the host: Debian's 3.14 takes tuples there, too."""
    code = "import _imp, json; print(json.dumps(_imp.extension_suffixes()[1:-1]))"
    own: list[str] = run_json([str(build.executable), "-c", code])
    return [name.replace(build.multiarch, platform.multiarch) for name in own]


def differences(seen: Seen, wanted: Seen) -> list[str]:
    """Return a line for every fact that is missing, unexpected or not as it should be."""
    return [
        f"{fact}: saw {seen.get(fact)!r}, wanted {wanted.get(fact)!r}"
        for fact in sorted(wanted.keys() | seen.keys() - {"sysconfig.prefix", "sysconfig.exec_prefix"})
        if seen.get(fact) != wanted.get(fact)
    ]


@pytest.fixture(scope="session")
def probe(
    combine: Callable[[str, str], Combination], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], tuple[Combination, dict[str, Seen]]]:
    """Return a function of a version and a tag that runs the probe backend's hook in the cross venv, once each."""
    root = tmp_path_factory.mktemp("probe")
    results: dict[tuple[str, str], dict[str, Seen]] = {}

    def runner(directory: Path) -> Callable[..., None]:
        def run(command: list[str], cwd: str | None = None, extra_environ: dict[str, str] | None = None) -> None:
            environ = {"PATH": os.environ["PATH"], "PROBE_PACKAGING": str(directory), **(extra_environ or {})}
            subprocess.run(command, cwd=cwd, env=environ, check=True)

        return run

    def probe(version: str, tag: str) -> tuple[Combination, dict[str, Seen]]:
        combination = combine(version, tag)
        if (version, tag) not in results:
            directory = some_packaging(combination.build, root / version)
            caller = BuildBackendHookCaller(
                str(PROBE), "probe_backend", ["backend"], runner(directory), python_executable=str(combination.python)
            )
            out = root / f"{version}-{tag}"
            out.mkdir()
            wheel = caller.build_wheel(str(out), {"build-python": str(combination.build.executable)})
            with zipfile.ZipFile(out / wheel) as archive:
                results[version, tag] = json.loads(archive.read("probe.json"))
        return combination, results[version, tag]

    return probe


def test_every_supported_python_of_the_machine_is_tested() -> None:
    assert BUILD_PYTHONS


@pytest.mark.parametrize("tag", HOST_TAGS)
@pytest.mark.parametrize("version", NAMES)
def test_however_an_interpreter_is_started_it_answers_as_the_host(
    probe: Callable[[str, str], tuple[Combination, dict[str, Seen]]], version: str, tag: str
) -> None:
    combination, seen = probe(version, tag)
    native, wanted = seen.pop("build python"), expected(combination)
    assert_untouched(native, combination.build)
    assert_every_fake_would_be_missed(native, wanted, combination)
    assert len(seen) >= WAYS
    wrong = [f"{way}: {line}" for way, facts in seen.items() for line in differences(facts, wanted)]
    assert not wrong, "\n".join(wrong)


def assert_untouched(native: Seen, build: BuildPython) -> None:
    """Inside a hook, the build Python is still the build machine's."""
    assert native["sysconfig.get_platform"] == build.platform == f"linux-{BUILD_MACHINE}"
    assert native["os.uname"][1] == native["platform.machine"] == BUILD_MACHINE
    assert native["sys.base_prefix"] == str(build.prefix)
    assert native["sys.cross_compiling"] is False
    assert native["sys.maxsize"] == sys.maxsize
    assert BUILD_MACHINE in native["sysconfig.EXT_SUFFIX"]


def assert_every_fake_would_be_missed(native: Seen, wanted: Seen, combination: Combination) -> None:
    """What is wanted differs from what the build Python says, in each fact that this host decides."""
    allowed = FACTS_OF_THE_PROCESS
    if combination.host.platform.architecture.bits == 64:
        allowed |= DIFFERENT_ON_32_BIT
    if combination.host.platform.architecture.name == BUILD_MACHINE:
        allowed |= DIFFERENT_ON_ANOTHER_MACHINE
    assert {fact for fact in wanted if wanted[fact] == native[fact]} <= allowed


@pytest.mark.parametrize("version", NAMES)
def test_the_build_machines_own_extension_modules_still_load(
    combine: Callable[[str, str], Combination], version: str
) -> None:
    combination = combine(version, "manylinux_2_31_armv7l")
    code = (
        "import ctypes, decimal, hashlib, sqlite3, ssl, zlib, array, struct, asyncio, multiprocessing\n"
        "assert ctypes.CDLL(None).getpid() > 0\n"
        "assert array.array('l').itemsize == struct.Struct('l').size == 8"
    )
    subprocess.run([combination.python, "-c", code], check=True)


@pytest.mark.parametrize("version", NAMES)
def test_packaging_in_a_zip_file_computes_the_hosts_tags(
    combine: Callable[[str, str], Combination], version: str, tmp_path: Path
) -> None:
    """Before Python 3.10 zipimport is a loader of the old kind, without ``exec_module``."""
    combination = combine(version, "manylinux_2_31_armv7l")
    directory = some_packaging(combination.build, tmp_path / "unpacked")
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", directory)
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); from vendored.packaging import tags;"
        "json.dump(sorted({tag.platform for tag in tags.sys_tags()}), sys.stdout)"
    )
    told = run_json([str(combination.python), "-c", code, archive])
    assert told == sorted(expected_platforms(combination.host.platform))


@pytest.mark.parametrize("version", NAMES)
def test_nothing_of_the_build_pythons_site_packages_leaks_in(
    combine: Callable[[str, str], Combination], version: str
) -> None:
    combination = combine(version, "manylinux_2_31_aarch64")
    code = "import json, sys; json.dump([path for path in sys.path if path], sys.stdout)"
    for python in (combination.python, combination.cross.executable):
        paths = run_json([str(python), "-c", code])
        assert [path for path in paths if path.startswith(str(combination.build.prefix))] == []


@pytest.mark.parametrize("version", NAMES)
def test_the_interpreter_refuses_to_start_without_its_facts(
    combine: Callable[[str, str], Combination], version: str, tmp_path: Path
) -> None:
    combination = combine(version, "manylinux_2_31_aarch64")
    broken = tmp_path / "broken"
    shutil.copytree(combination.cross.prefix, broken, symlinks=True)
    stdlib = broken / combination.cross.stdlib.relative_to(combination.cross.prefix)
    shutil.rmtree(stdlib / "_crossbuild")
    python = broken / "bin" / combination.cross.executable.name
    done = subprocess.run([python, "-c", "print('native')"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "_crossbuild" in done.stderr
    assert done.stdout == ""
