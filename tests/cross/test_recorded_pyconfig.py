"""A host's pyconfig.h, made of its build variables alone, against the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.host.reading.pyconfig import macros, pyconfig_from_variables, read_pyconfig
from crossbuild.host.reading.sysconfigdata import find_sysconfigdata, read_variables_file
from crossbuild.platforms.platform import ARCHITECTURES
from tests.breadth import alone
from tests.cross.pythons import real_pyconfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.build_python.discovery import BuildPython
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.cross

HOSTS = (
    *("debian_arm64", "debian_armhf", "debian_i386", "debian_s390x", "debian_ppc64el"),
    *("trixie_arm64", "trixie_riscv64", "forky_arm64"),
)
QUICK = ("debian_armhf", "debian_s390x", "forky_arm64")
"""Both sizes of a pointer, both byte orders, and the newest Python."""
EXPLAINED = {
    # Debian's pyconfig.h is that of its build without libpython, its sysconfigdata that of the one with it.
    "Py_ENABLE_SHARED",
    # Which machine code CPython's own hashlib has; sysconfig does not record it, and no header reads it.
    *("_Py_HACL_CAN_COMPILE_VEC128", "_Py_HACL_CAN_COMPILE_VEC256"),
}


@pytest.mark.parametrize("host_name", alone(HOSTS, quick=QUICK))
def test_what_the_variables_make_of_another_pythons_pyconfig_is_the_hosts_own(
    host_name: str, request: pytest.FixtureRequest, build_python: Callable[[tuple[int, int]], BuildPython]
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    variables = read_variables_file(find_sysconfigdata([host.root / "usr/lib" / host.python.name]))
    architecture = ARCHITECTURES[host.architecture]
    include, multiarch = host.root / "usr/include" / host.python.name, str(variables["MULTIARCH"])
    real = read_pyconfig(include, multiarch=multiarch, bits=architecture.bits)
    form = real_pyconfig(build_python(host.version))
    made = pyconfig_from_variables(form, variables, big_endian=not architecture.little_endian)
    wanted, got = ({macro.name: macro.value for macro in macros(text)} for text in (real, made))
    common = wanted.keys() & got.keys() - EXPLAINED
    assert {name: got[name] for name in common} == {name: wanted[name] for name in common}
    assert len(common) > 500
    assert byte_order(made) == byte_order(real) == ("#  define" if host_name == "debian_s390x" else "/* #  undef")


def byte_order(text: str) -> str:
    """Return how the line inside WORDS_BIGENDIAN's two conditions begins."""
    line = text.partition("ifndef WORDS_BIGENDIAN\n")[2].partition("\n")[0]
    return line.partition(" WORDS_BIGENDIAN")[0]
