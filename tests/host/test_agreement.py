"""A real host and its platform tag: what ``crossbuild host show`` says of both is the same, as far as the ABI goes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.host.reading.pyconfig import macros
from tests.breadth import alone
from tests.testbed.hosts import TAGGED, platform_tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

MUSL = "musllinux_1_2_aarch64"
QUICK = ("debian_arm64", "debian_armhf", "debian_s390x", "trixie_riscv64", "musl_aarch64")
"""Both sizes of a pointer, both byte orders, and both C libraries."""
HOSTS = alone((*TAGGED, "musl_aarch64"), quick=QUICK)

NAMES = ("EXT_SUFFIX", "SOABI", "SHLIB_SUFFIX", "MULTIARCH", "VERSION", "LDVERSION", "ABIFLAGS")
ABI_CHOICES = ("Py_DEBUG", "Py_GIL_DISABLED", "Py_TRACE_REFS", "Py_REF_DEBUG")

MICRO = "the third number of the version is the build Python's: a tag does not say any"
GUESSED = "configure learns it by running a program; this CPython, itself cross-built, holds its guess"
EXPLAINED = {
    "*": {
        "marker python_full_version": MICRO,
        "marker implementation_version": MICRO,
        "macro WITH_DTRACE": "Debian's choice: probes of the interpreter itself",
    },
    "debian_armel": {"platform libc_version": "linux_armv5tel promises no glibc"},
    "musl_aarch64": {"macro HAVE_ALIGNED_REQUIRED": GUESSED, "macro HAVE_USABLE_WCHAR_T": GUESSED},
}
"""What differs on each host, or on all, and why."""

NOT_FOR_EXTENSIONS = {"pyconfig.h", "py_curses.h"}
"""Headers whose words do not count: the one that defines the macros, and one of a module of the standard library."""


@pytest.mark.parametrize("host_name", HOSTS)
def test_the_tag_is_shown_as_the_host_is(
    host_name: str, request: pytest.FixtureRequest, crossbuild: Crossbuild
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    real = shown(crossbuild, host.python, host)
    made = shown(crossbuild, MUSL if host_name == "musl_aarch64" else platform_tag(host), host)
    assert made["synthesised"]
    assert not real["synthesised"]
    theirs, ours = dict(abi(real, real)), dict(abi(made, real))
    assert len(theirs) > 80
    different = {name for name in theirs.keys() | ours.keys() if theirs.get(name) != ours.get(name)}
    unexplained = different - EXPLAINED["*"].keys() - EXPLAINED.get(host_name, {}).keys()
    assert not unexplained, table(unexplained, theirs, ours)


def shown(crossbuild: Crossbuild, spec: str | Path, host: HostRoot) -> dict[str, Any]:
    """Return what ``host show --json`` prints of ``spec``, for the version of ``host``."""
    version = ["--python", "{}.{}".format(*host.version), *crossbuild.build_python_for(host.version)]
    done = crossbuild("host", "show", spec, "--json", *version, "--toolchain", "zig")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def abi(document: Mapping[str, Any], real: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield the facts of ``document`` on which the ABI depends, by name; which macros do, ``real``'s headers say."""
    variables, pyconfig = document["build_time_vars"], document["pyconfig"]
    yield "Python", (document["python"]["version"].split(".")[:2], document["python"]["abi_flags"])
    for name in ("sysconfig", "machine", "bits", "libc", "libc_version"):
        yield f"platform {name}", document["platform"][name]
    for name in NAMES:
        yield f"variable {name}", variables[name]
    for name in ABI_CHOICES:
        yield f"variable {name}", variables.get(name, 0)
    sizes = [name for name in real["build_time_vars"] if name.startswith(("SIZEOF_", "ALIGNOF_"))]
    for name in sizes:
        yield f"variable {name}", variables.get(name)
    values = {macro.name: macro.value for macro in macros(pyconfig)}
    for name in sorted({macro.name for macro in macros(real["pyconfig"])} & in_headers(real)):
        yield f"macro {name}", values.get(name)
    yield "byte order", re.findall(r"# ifndef WORDS_BIGENDIAN\n(.*)", pyconfig)
    yield "tags", document["tags"]
    for name, value in document["markers"].items():
        yield f"marker {name}", value


def in_headers(document: Mapping[str, Any]) -> set[str]:
    """Return the words of the headers that extensions may include: a macro that is not among them changes nothing."""
    include = Path(document["here"]["headers"])
    files = [*include.glob("*.h"), *include.glob("cpython/*.h")]
    assert len(files) > 100
    texts = [file.read_text() for file in files if file.name not in NOT_FOR_EXTENSIONS]
    return {word for text in texts for word in re.findall(r"\w+", text)}


def table(names: set[str], theirs: Mapping[str, object], ours: Mapping[str, object]) -> str:
    """Return the differences, a line for each."""
    rows = [(name, str(theirs.get(name)), str(ours.get(name))) for name in sorted(names)]
    widths = [max(map(len, column)) for column in zip(("", "the host's", "the tag's"), *rows, strict=True)]
    lines = [("", "the host's", "the tag's"), *rows]
    return "\n" + "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in lines
    )
