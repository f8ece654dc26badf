"""Free-threaded and debug Pythons that are only a tag: what they would record."""

from __future__ import annotations

import pytest

from crossbuild.host.describe import describe_host
from crossbuild.host.host_request import HostRequest
from crossbuild.host.measured.recorded import decided_macros, recorded_variables
from crossbuild.host.model import PartialHost
from crossbuild.host.reading.pyconfig import config_variables, with_macros

FORM = """\
/* Define if you want to build an interpreter with many run-time checks. */
/* #undef Py_DEBUG */

/* Define if you want to disable the GIL */
/* #undef Py_GIL_DISABLED */
"""


def variables(flags: str) -> dict[str, str | int]:
    host = describe_host("manylinux_2_28_aarch64", python=(3, 13), request=HostRequest(abi_flags=flags))
    assert isinstance(host, PartialHost)
    assert host.abi_flags == flags
    return recorded_variables(host, base={}, pyconfig=with_macros(FORM, decided_macros(host)))


@pytest.mark.parametrize(("flags", "debug", "free"), [("", 0, 0), ("d", 1, 0), ("t", 0, 1), ("td", 1, 1)])
def test_pyconfig_and_variables_say_which_abi_it_is(flags: str, debug: int, free: int) -> None:
    found = variables(flags)
    assert (found["Py_DEBUG"], found["Py_GIL_DISABLED"], found["ABIFLAGS"]) == (debug, free, flags)


@pytest.mark.parametrize("flags", ["", "t"])
def test_what_a_build_python_of_another_abi_decided_is_undone(flags: str) -> None:
    host = PartialHost(
        name="x", platform=describe_host("linux_aarch64").platform, python_version=(3, 13), abi_flags=flags
    )
    theirs = with_macros(FORM, {"Py_DEBUG": "1", "Py_GIL_DISABLED": None if flags else "1"})
    found = config_variables(with_macros(theirs, decided_macros(host)))
    assert (found["Py_DEBUG"], found["Py_GIL_DISABLED"]) == (0, int(bool(flags)))


@pytest.mark.parametrize(("flags", "library"), [("", "3.13"), ("d", "3.13"), ("t", "3.13t"), ("td", "3.13t")])
def test_files_are_where_cpythons_makefile_puts_them(flags: str, library: str) -> None:
    """The standard library of a debug build is the release's; that of a free-threaded one is apart."""
    found, name = variables(flags), f"3.13{flags}"
    assert found["SOABI"] == f"cpython-313{flags}-aarch64-linux-gnu"
    assert found["EXT_SUFFIX"] == f".{found['SOABI']}.so"
    assert (found["LDVERSION"], found["LIBRARY"]) == (name, f"libpython{name}.a")
    assert found["INCLUDEPY"] == found["CONFINCLUDEPY"] == f"/usr/local/include/python{name}"
    assert found["LIBDEST"] == f"/usr/local/lib/python{library}"
    assert found["LIBPL"] == f"/usr/local/lib/python{library}/config-{name}-aarch64-linux-gnu"


@pytest.mark.parametrize(("flags", "asserts"), [("", False), ("t", False), ("d", True), ("td", True)])
def test_a_debug_python_compiles_extensions_with_their_assertions(flags: str, *, asserts: bool) -> None:
    assert ("-DNDEBUG" not in str(variables(flags)["CFLAGS"])) == asserts
