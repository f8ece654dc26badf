"""What works on some hosts, or not for long."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.unit.wheel_samples import make_elf, make_wheel
from tests.wrong_wheels.changes import ABOUT, EXTENSION, INIT, MODULE, native, pure, record_of, repeated, rewritten
from tests.wrong_wheels.kinds import X86, WrongWheel

if TYPE_CHECKING:
    from pathlib import Path

_OF_X86 = "probe/_fast.cpython-311-x86_64-linux-gnu.so"
_NEWER = make_elf(defines=INIT, versions={("libc.so.6", "GLIBC_2.34"): ["x"]})


def _first_row(wheel: Path) -> bytes:
    return record_of(wheel).splitlines(keepends=True)[0]


KINDS = (
    WrongWheel(
        name="an executable stack",
        make=partial(native, content=make_elf(defines=INIT, executable_stack=True)),
        finding="executable-stack",
        binary=True,
    ),
    WrongWheel(
        name="a library with an executable stack",
        make=partial(native, more={"probe/libx.so": make_elf(executable_stack=True)}),
        finding="executable-stack",
        binary=True,
    ),
    WrongWheel(
        name="code that the loader has to change",
        make=partial(native, content=make_elf(defines=INIT, text_relocations=True)),
        finding="text-relocations",
        binary=True,
    ),
    *(
        WrongWheel(
            name=f"code for x86-64-v{level} alone",
            make=partial(
                make_wheel,
                files={
                    "probe/_fast.cpython-311-x86_64-linux-gnu.so": make_elf("x86_64", x86_level=level, defines=INIT)
                },
                tag="cp311-cp311-linux_x86_64",
            ),
            finding="cpu-level",
            says=f"requires a CPU of x86-64-v{level}",
            binary=True,
            host=X86,
        )
        for level in (2, 3, 4)
    ),
    *(
        WrongWheel(
            name=f"the run path {path}",
            make=partial(native, content=make_elf(defines=INIT, runpath=path)),
            finding="outside-run-path",
            binary=True,
        )
        for path in ("$ORIGIN/../../../..", "${ORIGIN}/../../lib")
    ),
    WrongWheel(
        name="a thin static library",
        make=partial(native, more={"probe/libx.a": b"!<thin>\n/               0           0     0"}),
        finding="thin-archive",
        binary=True,
    ),
    WrongWheel(
        name="a platform without machine code",
        make=partial(make_wheel, files=MODULE),
        finding="no-machine-code",
    ),
    *(
        WrongWheel(
            name=f"a glibc that is too new for {tag}",
            make=partial(make_wheel, files={EXTENSION: _NEWER}, tag=f"cp311-cp311-{tag}"),
            finding="low-floor",
            binary=True,
        )
        for tag in ("manylinux_2_17_aarch64", "manylinux2014_aarch64.manylinux_2_17_aarch64")
    ),
    WrongWheel(
        name="a file twice",
        make=lambda at: repeated(pure(at)),
        finding="repeated-file",
        built="removed-repetition",
    ),
    WrongWheel(
        name="a row of RECORD twice",
        make=lambda at: rewritten(pure(at), {f"{ABOUT}/RECORD": record_of(pure(at)) + _first_row(pure(at))}),
        finding="repeated-row",
    ),
)
