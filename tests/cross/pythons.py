"""Cross Pythons for tests: any build Python, made to answer as a host that differs from it in known facts."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossbuild.build_python.discovery import BuildPython, find_build_python
from crossbuild.errors import BuildPythonError
from crossbuild.host.model import Host
from crossbuild.host.reading.sysconfigdata import read_variables_file
from crossbuild.platforms.platform import Platform
from crossbuild.toolchain.compilers import Compilers
from tests.testbed.debian_python import NEWEST as NEWEST_VERSION

if TYPE_CHECKING:
    from crossbuild.interpreter.shadow import CrossPython

HOST_TAGS = ("manylinux_2_31_aarch64", "manylinux_2_31_armv7l", "manylinux_2_31_s390x", "musllinux_1_2_x86_64")
VERSIONS = ((3, 8), (3, 9), (3, 10), (3, 11), (3, 12), (3, 13), (3, 14))
RECORDED = {
    "prefix": "/opt/host",
    "exec_prefix": "/opt/host",
    "CC": "gcc -pthread",
    "CXX": "g++ -pthread",
    "LDSHARED": "gcc -pthread -shared -L/opt/host/lib",
}
"""What the record of each host says, whatever the build Python's does."""


def build_pythons() -> dict[str, BuildPython]:
    """Return the machine's CPythons that have headers, by version, the distribution's own apart from the others."""
    found = {}
    for version in VERSIONS:
        try:
            found["{}.{}".format(*version)] = find_build_python(version, environ=os.environ)
        except BuildPythonError:
            continue
    distribution = Path("/usr/bin/python3")
    if distribution.exists():
        found["distribution"] = BuildPython.from_executable(distribution)
    return {name: python for name, python in found.items() if python.has_headers and python.version[:2] in VERSIONS}


def version_of(name: str) -> tuple[int, int]:
    """Return the version of a build Python, also of one that the machine does not have."""
    major, minor = BUILD_PYTHONS[name].version[:2] if name in BUILD_PYTHONS else map(int, name.split("."))
    return major, minor


BUILD_PYTHONS = build_pythons()
NEWEST = "{}.{}".format(*NEWEST_VERSION)
"""The version that the test bed provides where the machine does not have it."""
NAMES = tuple(dict.fromkeys((*BUILD_PYTHONS, NEWEST)))
"""What tests of every build Python are parametrized with."""
OLDEST = min((*BUILD_PYTHONS, "3.11"), key=version_of)
"""At most 3.11, the last version with distutils, which the test bed provides, too."""


def host_like(python: BuildPython, tag: str) -> Host:
    """Return a host that has all of ``python``'s facts but those that the machine ``tag`` decides."""
    platform = Platform.from_tag(tag)
    small = platform.architecture.bits == 32
    values = {
        name: value.replace(python.multiarch, platform.multiarch) if isinstance(value, str) else value
        for name, value in read_variables_file(python.stdlib / f"{python.sysconfigdata_name}.py").items()
    }
    pyconfig = real_pyconfig(python)
    for name in ("SIZEOF_LONG", "SIZEOF_VOID_P", "SIZEOF_SIZE_T") if small else ():
        values[name] = 4
        pyconfig = re.sub(rf"(#define {name}) 8", r"\1 4", pyconfig)
    return Host(
        name=tag,
        platform=platform,
        python_version=python.version,
        abi_flags=python.abi_flags,
        build_time_vars=values | RECORDED,
        headers=python.include,
        pyconfig=pyconfig,
    )


def real_pyconfig(python: BuildPython) -> str:
    """Return the text of the ``pyconfig.h`` that Debian's switch leads to, or that is there anyway."""
    multiarch = python.include.parent / python.multiarch / python.include.name / "pyconfig.h"
    return (multiarch if multiarch.exists() else python.include / "pyconfig.h").read_text()


def fake_compilers(directory: Path) -> Compilers:
    """Return compilers that exist, and fail when they are asked to compile."""
    directory.mkdir(exist_ok=True)
    paths = {name: directory / f"host-{name}" for name in ("cc", "cxx", "ar", "ranlib", "strip")}
    for path in paths.values():
        path.write_text("#!/bin/sh\nexit 1\n")
        path.chmod(0o755)
    return Compilers(
        directory=directory,
        cc=paths["cc"],
        cxx=paths["cxx"],
        ar=paths["ar"],
        ranlib=paths["ranlib"],
        strip=paths["strip"],
    )


@dataclass(frozen=True, kw_only=True)
class Combination:
    """A build Python, a host, and what was made of them."""

    build: BuildPython
    host: Host
    cross: CrossPython
    compilers: Compilers
    python: Path
    """The interpreter of a cross venv."""
    site_packages: Path


def expected_platforms(platform: Platform) -> set[str]:
    """Return the platforms of the tags that fit ``platform``, by PEP 600, PEP 656 and PEP 599's older names."""
    machine = platform.architecture.name
    found = {f"linux_{machine}", "any"}
    if platform.libc_version is None:
        return found
    major, newest = platform.libc_version
    if platform.libc == "musl":
        return found | {f"musllinux_{major}_{minor}_{machine}" for minor in range(newest + 1)}
    oldest = 5 if machine in {"x86_64", "i686"} else 17
    legacy = {5: "manylinux1", 12: "manylinux2010", 17: "manylinux2014"}
    found |= {f"{name}_{machine}" for minor, name in legacy.items() if oldest <= minor <= newest}
    return found | {f"manylinux_{major}_{minor}_{machine}" for minor in range(oldest, newest + 1)}


def run_json(command: list[str]) -> Any:
    """Run ``command`` and return what it writes, which is JSON."""
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
