"""Small projects after what people reported who cross-compile, and what is right for each."""

from __future__ import annotations

from dataclasses import dataclass

from tests.breadth import cases

WAYS = {
    "arm64-gnu": ("debian_arm64", "debian:bookworm:arm64", "gnu_aarch64"),
    "arm64-zig": ("debian_arm64", "debian:bookworm:arm64", ""),
    "armhf-gnu": ("debian_armhf", "debian:bookworm:armhf", "gnu_armhf"),
}
"""The fixture of a host, the release that it stands for, and the fixture of GNU's compilers; zig compiles without."""

GNU = ("arm64-gnu", "armhf-gnu")
ALONE = ("--emulate", "never")
"""Options with which nothing can run the host's programs. ``tests/host/test_emulation.py`` lets them run."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A project below ``tests/packages/reports``, built in a way that somebody did, and what is right for it."""

    name: str
    project: str = ""
    """Its directory, where it is not called as the report is."""
    options: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    """Debian's, for the sysroot. With them, or with ``release``, the host is a release, else an installed Python."""
    release: bool = False
    rust: bool = False
    check: str = ""
    """Python code that fails on the host unless the wheel is as it should be."""
    wheel: str = "*.whl"
    """The pattern of the wheel's name."""
    exit_code: int = 0
    says: tuple[str, ...] = ()
    """Patterns of what the user is to be told. A build about which there is nothing to say has no warnings."""
    ways: tuple[str, ...] = tuple(WAYS)
    needs: tuple[str, ...] = ()
    """What the machine must have for it, by the names of ``tests.testbed.needs``."""
    quick: str = ""
    """The way that it is built in outside of the matrix, if it is quick to build."""

    @property
    def directory(self) -> str:
        """The name of its project below ``tests/packages``."""
        return f"reports/{self.project or self.name}"


_HAS_FUNCTION = """
import linkfacts, os
glibc = tuple(map(int, os.confstr("CS_GNU_LIBC_VERSION").split()[1].split(".")))
facts = linkfacts.facts()
assert facts.pop("z") == 1, "the host has zlib"
assert facts == dict(malloc_trim=1, backtrace=1, getrandom=1, strlcpy=int(glibc >= (2, 38)), magic=0), facts
"""
_STAND_INS = """
import sys, types
for name in ("msgpack", "msgpack._cmsgpack", "_cffi_backend"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["msgpack"].packb = lambda _: b"123"
import confshell
assert confshell.name() == "fast"
"""
_POINTER = "import struct; pointer = struct.calcsize('P');"
_SHEBANGS = """
from pathlib import Path
import recorder
scripts = Path(recorder.__file__).parents[1].glob("*.data/scripts/*")
firsts = {script.name: script.read_bytes().splitlines()[0] for script in scripts}
assert firsts == {"record-plain": b"#!python", "record-shell": b"#!/bin/sh"}, firsts
"""
_MODULES = """
import meterapi, os
names = os.listdir(os.path.dirname(meterapi.__file__))
assert {"meter_pb2.py", "meter_pb2_grpc.py", "meter_pb2.pyi"} <= {*names}, names
"""
_CLIB = """
import clibbed, platform
own = 8 * pointer
told, machine = clibbed.facts, platform.machine()
assert told[2:] == (own, own, 12.0, -1.0), told
assert told[1].startswith(machine[:3]), (told, machine)
"""
_IDIOM = f"{_POINTER} import fpidiom as m; assert (m.pointer, m.size_of_long_in_pyconfig) == (pointer, pointer)"
_SWIG = f"""
{_POINTER}
import swigged as s
assert s.joined(s.Longs([1, 2])) == "1;2;"
assert (s.long_bits(), s.big()) == (8 * pointer, 2**40)
"""

REPORTS = (
    Report(
        name="cpp-probe",
        packages=("libcap-dev",),
        check="from hdrprobe import _c; assert _c.ask() == (1, 0), _c.ask()",
        quick="arm64-gnu",
    ),
    Report(name="cpp-probe-alone", project="cpp-probe", release=True, exit_code=7, says=(r"libcap-dev",)),
    Report(name="board-question", exit_code=7, says=(r"No supported board was detected\.", r"EOF"), quick="armhf-gnu"),
    Report(name="loads-library", exit_code=7, says=(r"the library was not found",)),
    Report(
        name="loads-library-of-package",
        project="loads-library",
        packages=("libiio-dev",),
        exit_code=7,
        says=(r"libiio\.so\.0.*for the host",),
    ),
    Report(name="imports-package", check=_STAND_INS, wheel="confshell-3.3-*", quick="arm64-gnu"),
    Report(name="has-function", check=_HAS_FUNCTION, quick="arm64-gnu"),
    Report(
        name="run-probe",
        options=ALONE,
        check="import unsock",
        says=(r"warning: (.|\n)*\bprobe\b", r"setup\.py"),
        quick="arm64-zig",
    ),
    Report(
        name="generator-option",
        options=ALONE,
        exit_code=7,
        says=(r"exe_wrapper", r"hint: (.|\n)*native: true"),
        quick="armhf-gnu",
    ),
    Report(
        name="generator-option-native",
        project="generator-option",
        options=("-C", "setup-args=-Dfor_build=true"),
        check="import tablegen; assert tablegen.generator in (4, 8)",
    ),
    Report(
        name="meson-subproject", exit_code=8, says=(r"error: (.|\n)*libtinymath\.so\.2\b(?!\.1)",), quick="arm64-gnu"
    ),
    Report(
        name="cmake-in-setup-py",
        check=f"{_POINTER} import viasetup; assert viasetup.facts() == (1, pointer, pointer), viasetup.facts()",
    ),
    *(
        Report(
            name=f"findpython-{idiom}",
            project="findpython-idioms",
            options=("-C", f"cmake.define.IDIOM={idiom}"),
            check=_IDIOM,
        )
        for idiom in ("all", "numpy", "old", "exact")
    ),
    Report(
        name="external-project",
        check=f"{_POINTER} import superbuild; assert superbuild.facts == (pointer, 1, 10), superbuild.facts",
        quick="armhf-gnu",
    ),
    Report(
        name="stubgen-post-build",
        exit_code=7,
        says=(r"The build imported stubbed\..*for the host", r"hint: (.|\n)*-C cmake\.define"),
    ),
    Report(
        name="rust-asks-python",
        rust=True,
        check=f"{_POINTER} import askspython as a; assert a.have and a.told.split()[1] == str(pointer), a.told",
    ),
    Report(
        name="abi3-tag-alone",
        check="import halfabi; assert halfabi.peek(b'123') == 3",
        wheel="halfabi-1.0-cp38-abi3-*",
        says=(r"warning: (.|\n)*abi3",),
        quick="armhf-gnu",
    ),
    Report(
        name="recorded-paths",
        check=_SHEBANGS,
        says=(r"warning: (.|\n)*kernel\.json", r"warning: (.|\n)*_built\.py"),
        quick="arm64-gnu",
    ),
    Report(name="build-clib", check=_POINTER + _CLIB, quick="armhf-gnu"),
    Report(name="swig-setup", check=_SWIG),
    Report(name="swig-cmake", check=_SWIG),
    Report(name="protoc-at-build", check=_MODULES, wheel="meterapi-1.0-py3-none-any.whl"),
    Report(
        name="find-library",
        packages=("libzmq3-dev",),
        check="import finder; assert (finder.zmq, finder.magic) == (1, 0), (finder.zmq, finder.magic)",
        quick="arm64-gnu",
    ),
    Report(name="plat-name", exit_code=8, says=(r"hint: (.|\n)*plat-name",), quick="arm64-gnu"),
    Report(name="gnu-c-only", check="import nested; assert nested.total == 10", ways=GNU),
    Report(
        name="gnu-c-only-with-zig",
        project="gnu-c-only",
        exit_code=7,
        says=(r"hint: (.|\n)*--toolchain gnu",),
        ways=("arm64-zig",),
        quick="arm64-zig",
    ),
    Report(
        name="first-error",
        exit_code=7,
        says=(r"olderlib needs libthing 3\.0 or later", r"\n  \[\d+ more lines in the log\]\n"),
        quick="arm64-gnu",
    ),
    # What a build lost since something for the host cannot run here is said, whoever swallowed the error.
    Report(
        name="imports-itself",
        check="import keytable.table",
        says=(r"warning: (.|\n)*\b_keys\.\S+\.so", r"setup\.py"),
        quick="armhf-gnu",
    ),
    Report(
        name="shell-probe",
        options=ALONE,
        check="import shellprobed",
        says=(r"warning: (.|\n)*\bshell-probe\b",),
        needs=("notices of execve",),
        quick="arm64-gnu",
    ),
    Report(
        name="loads-itself",
        check="import measured.number",
        says=(r"warning: (.|\n)*\b_lib\.\S+\.so", r"setup\.py"),
        quick="arm64-zig",
    ),
    Report(
        name="meson-run-check",
        options=ALONE,
        exit_code=7,
        says=(r"Can not run test applications", r"hint: (.|\n)*Meson would run"),
    ),
    # A library in the wheel is of use where the loader looks for it.
    Report(
        name="library-in-wheel-unreachable",
        project="library-in-wheel",
        exit_code=8,
        says=(r"error: (.|\n)*libouter\.so",),
        quick="armhf-gnu",
    ),
    Report(
        name="library-in-wheel",
        options=("--env", "RUN_PATHS=$ORIGIN/lib"),
        check="from carrier import _module; assert _module.answer == 42",
        quick="arm64-zig",
    ),
    Report(
        name="library-in-wheel-chained",
        project="library-in-wheel",
        options=("--env", "RUN_PATHS=$ORIGIN/lib", "--env", "CHAINED=1"),
        check="import carrier",
        says=(r"warning: (.|\n)*libinner\.so",),
    ),
    # Python code that looks at a machine sees the host.
    Report(
        name="word-sizes",
        check=f"""{_POINTER}
import wordy as w
told = (w.long_size, w.pointer_size, w.size_t_size, w.long_bits, w.wide)
assert told == (pointer, pointer, pointer, 8 * pointer, int(pointer == 8)), told
""",
        quick="armhf-gnu",
    ),
    Report(
        name="reads-headers",
        check="import headed as h; assert (h.told_zlib, h.has_yaml, h.has_magic) == (h.zlib_vernum, 1, 0)",
        quick="arm64-gnu",
    ),
    Report(
        name="cpu-features",
        check="import vectored",
        says=(r"warning: (.|\n)*/proc/cpuinfo", r"setup\.py"),
        quick="armhf-gnu",
    ),
)

PAIRS = cases(
    ((report.name, way) for report in REPORTS for way in report.ways),
    quick=[(report.name, report.quick) for report in REPORTS if report.quick],
)
NAMED = {report.name: report for report in REPORTS}
