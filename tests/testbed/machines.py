"""The names that Debian, GNU, and qemu have for the machines that the tests build for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A kind of machine under its names."""

    name: str
    """What wheel tags say: ``armv7l``."""
    debian: str
    """Debian's architecture: ``armhf``."""
    gnu: str
    """The prefix of Debian's cross compilers: ``arm-linux-gnueabihf``."""
    qemu: str
    """What follows ``qemu-``: ``arm``."""
    qemu_options: tuple[str, ...] = ()


_KNOWN = (
    Machine(
        name="aarch64",
        debian="arm64",
        gnu="aarch64-linux-gnu",
        qemu="aarch64",
        # trixie signs every return address, and qemu computes the real cipher: that is six times slower.
        qemu_options=("-cpu", "max,pauth=off"),
    ),
    Machine(name="armv7l", debian="armhf", gnu="arm-linux-gnueabihf", qemu="arm"),
    # Debian has none: its armhf is ARMv7. The options are the CPU of the first Raspberry Pi.
    Machine(name="armv6l", debian="", gnu="", qemu="arm", qemu_options=("-cpu", "arm1176")),
    Machine(
        name="armv5tel",
        debian="armel",
        gnu="arm-linux-gnueabi",
        qemu="arm",
        # The oldest CPU that Debian's armel promises to run on: whatever is newer in the code stops there.
        qemu_options=("-cpu", "arm926"),
    ),
    Machine(name="i686", debian="i386", gnu="i686-linux-gnu", qemu="i386"),
    Machine(name="loongarch64", debian="loong64", gnu="loongarch64-linux-gnu", qemu="loongarch64"),
    Machine(name="ppc64le", debian="ppc64el", gnu="powerpc64le-linux-gnu", qemu="ppc64le"),
    Machine(name="riscv64", debian="riscv64", gnu="riscv64-linux-gnu", qemu="riscv64"),
    Machine(name="s390x", debian="s390x", gnu="s390x-linux-gnu", qemu="s390x"),
)
MACHINES = {machine.name: machine for machine in _KNOWN}
