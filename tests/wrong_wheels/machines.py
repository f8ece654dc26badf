"""Machine code for another machine, ABI or C library, or a newer one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.unit.wheel_samples import HARD_FLOAT, SOFT_FLOAT, make_archive, make_elf, make_wheel
from tests.wrong_wheels.changes import ANY, EXTENSION, INIT, foreign, native
from tests.wrong_wheels.kinds import HARD_FLOAT_ARM, MUSL, OLDER_ARM, PROMISED, RISCV, WrongWheel

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS = ("i686", "armv7l", "ppc64le", "s390x", "riscv64", "loongarch64")
_GOOD = make_elf(defines=INIT)
_ARM = "probe/_fast.cpython-311-arm-linux-gnueabihf.so"
_NEEDS = {
    "a newer glibc": ("libc.so.6", "GLIBC_2.38", "needs GLIBC_2.38 (x), but the host has glibc 2.36"),
    "the mathematics of a newer glibc": ("libm.so.6", "GLIBC_2.38", "needs GLIBC_2.38"),
    "a glibc to come": ("libc.so.6", "GLIBC_2.99", "needs GLIBC_2.99"),
}


def _arm(content: bytes) -> partial[Path]:
    return partial(make_wheel, files={_ARM: content}, tag="cp311-cp311-linux_armv7l")


KINDS = (
    WrongWheel(
        name="foreign code",
        make=foreign,
        finding="wrong-machine",
        says="is x86_64 code, but the host is aarch64",
        binary=True,
    ),
    *(
        WrongWheel(
            name=f"code for {other}",
            make=partial(native, content=make_elf(other, defines=INIT)),
            finding="wrong-machine",
            says=f"is {other} code, but the host is aarch64",
            binary=True,
        )
        for other in _OTHERS
    ),
    WrongWheel(
        name="an extension of a machine that there is not",
        make=partial(native, content=_GOOD[:18] + b"\xff\x7f" + _GOOD[20:]),
        finding="wrong-machine",
        says="but the host is aarch64",
        binary=True,
    ),
    WrongWheel(
        name="an extension of another class",
        make=partial(native, content=_GOOD[:4] + b"\1" + _GOOD[5:]),
        finding="wrong-machine",
        says="is AARCH64 (32-bit, little-endian) code",
        binary=True,
    ),
    WrongWheel(
        name="foreign code for any machine",
        make=partial(make_wheel, files={"probe/_fast.so": make_elf("x86_64", defines=INIT)}, tag=ANY),
        finding="wrong-machine",
        says="is x86_64 code, but the host is aarch64",
        binary=True,
    ),
    WrongWheel(
        name="a foreign library beside the extension",
        make=partial(native, more={"probe.libs/libx.so.1": make_elf("x86_64")}),
        finding="wrong-machine",
        says="libx.so.1: is x86_64 code",
        binary=True,
    ),
    WrongWheel(
        name="a foreign program",
        make=partial(native, more={"probe-1.0.data/scripts/probe": make_elf("x86_64", kind="ET_EXEC")}),
        finding="wrong-machine",
        says="scripts/probe: is x86_64 code",
        binary=True,
    ),
    WrongWheel(
        name="a foreign object file",
        make=partial(native, more={"probe/x.o": make_elf("x86_64", kind="ET_REL")}),
        finding="wrong-machine",
        says="x.o: is x86_64 code",
        binary=True,
    ),
    WrongWheel(
        name="a foreign static library",
        make=partial(native, more={"probe/libx.a": make_archive({"x.o": make_elf("x86_64", kind="ET_REL")})}),
        finding="wrong-machine",
        says="libx.a(x.o): is x86_64 code",
        binary=True,
    ),
    WrongWheel(
        name="soft floats on hard-float Arm",
        make=_arm(make_elf("armv7l", flags=SOFT_FLOAT, defines=INIT)),
        finding="wrong-float-abi",
        says="uses the soft-float ABI, but the host's is hard-float",
        binary=True,
        host=HARD_FLOAT_ARM,
    ),
    *(
        WrongWheel(
            name=f"{abi} floats on RISC-V",
            make=partial(
                make_wheel,
                files={"probe/_fast.cpython-311-riscv64-linux-gnu.so": make_elf("riscv64", flags=flags, defines=INIT)},
                tag="cp311-cp311-linux_riscv64",
            ),
            finding="wrong-float-abi",
            says=f"uses the {abi}-float ABI, but the host's is hard-float",
            binary=True,
            host=RISCV,
        )
        for abi, flags in {"soft": 0x1, "single": 0x3, "quad": 0x7}.items()
    ),
    WrongWheel(
        name="Arm code that does not say how it passes floats",
        make=_arm(make_elf("armv7l", flags=0x05000000, defines=INIT)),
        finding="wrong-float-abi",
        says="does not say which float ABI it uses",
        binary=True,
        host=HARD_FLOAT_ARM,
    ),
    WrongWheel(
        name="code for a newer Arm",
        make=partial(
            make_wheel,
            files={_ARM: make_elf("armv7l", flags=HARD_FLOAT, cpu_arch=10, defines=INIT)},
            tag="cp311-cp311-linux_armv6l",
        ),
        finding="newer-cpu",
        says="holds ARMv7 code, but the host is armv6l",
        binary=True,
        host=OLDER_ARM,
    ),
    *(
        WrongWheel(
            name=f"an extension for musl by {what}",
            make=partial(native, content=content),
            finding="wrong-libc",
            says="is linked against musl",
            binary=True,
        )
        for what, content in {
            "its library": make_elf(defines=INIT, needed=["libc.musl-aarch64.so.1"]),
            "the name of its library": make_elf(defines=INIT, needed=["libc.so"]),
            "its loader": make_elf(defines=INIT, needed=[], interpreter="/lib/ld-musl-aarch64.so.1"),
        }.items()
    ),
    *(
        WrongWheel(
            name=f"an extension for glibc by {what}",
            make=partial(make_wheel, files={"probe/_fast.cpython-311-aarch64-linux-musl.so": content}),
            finding="wrong-libc",
            says="is linked against glibc",
            binary=True,
            host=MUSL,
        )
        for what, content in {
            "its library": make_elf(defines=INIT),
            "a version": make_elf(defines=INIT, needed=[], versions={("libx.so.1", "GLIBC_2.17"): ["x"]}),
        }.items()
    ),
    *(
        WrongWheel(
            name=what,
            make=partial(native, content=make_elf(defines=INIT, versions={(library, version): ["x"]})),
            finding="newer-glibc",
            says=says,
            binary=True,
        )
        for what, (library, version, says) in _NEEDS.items()
    ),
    WrongWheel(
        name="packed relocations before they were known",
        make=partial(
            make_wheel,
            files={EXTENSION: make_elf(defines=INIT, versions={("libc.so.6", "GLIBC_ABI_DT_RELR"): []})},
            tag="cp311-cp311-manylinux_2_28_aarch64",
        ),
        finding="newer-glibc",
        says="needs GLIBC_ABI_DT_RELR",
        binary=True,
        host=PROMISED,
    ),
    WrongWheel(
        name="a newer glibc than the tag promises",
        make=partial(
            make_wheel,
            files={EXTENSION: make_elf(defines=INIT, versions={("libc.so.6", "GLIBC_2.34"): ["x"]})},
            tag="cp311-cp311-manylinux_2_28_aarch64",
        ),
        finding="newer-glibc",
        says="needs GLIBC_2.34",
        binary=True,
        host=PROMISED,
    ),
    WrongWheel(
        name="symbols that are glibc's own",
        make=partial(native, content=make_elf(defines=INIT, versions={("libc.so.6", "GLIBC_PRIVATE"): ["x"]})),
        finding="private-symbols",
        says="uses symbols private to one build of glibc (x)",
        binary=True,
    ),
    WrongWheel(
        name="a newer C++ library than the tag promises",
        make=partial(
            make_wheel,
            files={
                EXTENSION: make_elf(
                    defines=INIT,
                    needed=["libstdc++.so.6", "libc.so.6"],
                    versions={("libstdc++.so.6", "GLIBCXX_3.4.30"): ["x"]},
                )
            },
            tag="cp311-cp311-manylinux_2_28_aarch64",
        ),
        finding="unpromised-version",
        says="needs GLIBCXX_3.4.30 of libstdc++.so.6",
        binary=True,
        host=PROMISED,
    ),
)
