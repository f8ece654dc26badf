"""Machines and their C libraries: the words every tool uses for them, in one place.

Sources: GNU config.sub and Debian's multiarch tuples (names), the psABI of each machine (ELF header, long double),
PEP 600 and PEP 656 (wheel tags), PEP 599 (manylinux2014), packaging's ``_manylinux.py`` (which machines have manylinux
tags), meson's reference tables (CPU families), the rustc book's "Platform Support" (target triples).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from crossbuild.errors import HostError

LibcFamily = Literal["glibc", "musl"]
TagFamily = Literal["linux", "manylinux", "musllinux"]
FloatAbi = Literal["hard", "single", "soft", "quad", ""]


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A kind of CPU with its ABI, under the names that the tools know it by."""

    name: str
    """What ``uname -m`` and wheel tags say: ``armv7l``."""
    elf_machine: str
    """pyelftools' name of ``e_machine``: ``EM_ARM``."""
    bits: Literal[32, 64]
    little_endian: bool = True
    gnu_cpu: str
    """The first part of the GNU type: ``arm``."""
    zig_cpu: str
    """The first part of a zig target: ``arm``."""
    multiarch_cpu: str
    """The first part of Debian's multiarch tuple: ``i386`` where the GNU type has ``i686``."""
    rust_cpu: str
    """The first part of Rust's target triple: ``armv7``."""
    meson_family: str
    """Meson's CPU family: ``arm``."""
    eabi: Literal["", "eabi", "eabihf"] = ""
    """What follows ``gnu`` or ``musl`` in the GNU type, on 32-bit Arm: ``eabihf`` is the hard-float ABI, ``eabi`` the
    soft-float one."""
    float_abi: FloatAbi = ""
    """How floating-point arguments are passed, on machines whose binaries say it."""
    arm_version: int = 0
    """On 32-bit Arm, the architecture whose instructions it has: 6; 0 elsewhere."""

    @property
    def abi(self) -> tuple[object, ...]:
        """What is equal for all whose code can be linked together: ``armv6l`` and ``armv7l`` share it."""
        return self.elf_machine, self.bits, self.little_endian, self.float_abi

    @property
    def shares_names(self) -> bool:
        """Whether a newer architecture has the same GNU type, so that a compiler's name does not tell them apart."""
        return any(self.abi == known.abi and self.arm_version < known.arm_version for known in ARCHITECTURES.values())

    @property
    def endian(self) -> Literal["little", "big"]:
        """The byte order, in Python's and Meson's words."""
        return "little" if self.little_endian else "big"


_KNOWN = (
    Architecture(
        name="x86_64",
        elf_machine="EM_X86_64",
        bits=64,
        gnu_cpu="x86_64",
        zig_cpu="x86_64",
        multiarch_cpu="x86_64",
        rust_cpu="x86_64",
        meson_family="x86_64",
    ),
    Architecture(
        name="aarch64",
        elf_machine="EM_AARCH64",
        bits=64,
        gnu_cpu="aarch64",
        zig_cpu="aarch64",
        multiarch_cpu="aarch64",
        rust_cpu="aarch64",
        meson_family="aarch64",
    ),
    Architecture(
        name="armv7l",
        elf_machine="EM_ARM",
        bits=32,
        gnu_cpu="arm",
        zig_cpu="arm",
        multiarch_cpu="arm",
        rust_cpu="armv7",
        meson_family="arm",
        eabi="eabihf",
        float_abi="hard",
        arm_version=7,
    ),
    Architecture(
        # The first Raspberry Pi and the Zero. After armv7l, which is meant where a name is that of both.
        name="armv6l",
        elf_machine="EM_ARM",
        bits=32,
        gnu_cpu="arm",
        zig_cpu="arm",
        multiarch_cpu="arm",
        rust_cpu="arm",
        meson_family="arm",
        eabi="eabihf",
        float_abi="hard",
        arm_version=6,
    ),
    Architecture(
        # The kernel's name of the oldest CPU that Debian's armel runs on; newer ones run the same code.
        name="armv5tel",
        elf_machine="EM_ARM",
        bits=32,
        gnu_cpu="arm",
        zig_cpu="arm",
        multiarch_cpu="arm",
        rust_cpu="armv5te",
        meson_family="arm",
        eabi="eabi",
        float_abi="soft",
        arm_version=5,
    ),
    Architecture(
        name="i686",
        elf_machine="EM_386",
        bits=32,
        gnu_cpu="i686",
        zig_cpu="x86",
        multiarch_cpu="i386",
        rust_cpu="i686",
        meson_family="x86",
    ),
    Architecture(
        # lp64d, which all distributions have chosen.
        name="riscv64",
        elf_machine="EM_RISCV",
        bits=64,
        gnu_cpu="riscv64",
        zig_cpu="riscv64",
        multiarch_cpu="riscv64",
        rust_cpu="riscv64gc",
        meson_family="riscv64",
        float_abi="hard",
    ),
    Architecture(
        # With the double-float ABI, which all distributions have chosen.
        name="loongarch64",
        elf_machine="EM_LOONGARCH",
        bits=64,
        gnu_cpu="loongarch64",
        zig_cpu="loongarch64",
        multiarch_cpu="loongarch64",
        rust_cpu="loongarch64",
        meson_family="loongarch64",
        float_abi="hard",
    ),
    Architecture(
        name="ppc64le",
        elf_machine="EM_PPC64",
        bits=64,
        gnu_cpu="powerpc64le",
        zig_cpu="powerpc64le",
        multiarch_cpu="powerpc64le",
        rust_cpu="powerpc64le",
        meson_family="ppc64",
    ),
    Architecture(
        name="s390x",
        elf_machine="EM_S390",
        bits=64,
        little_endian=False,
        gnu_cpu="s390x",
        zig_cpu="s390x",
        multiarch_cpu="s390x",
        rust_cpu="s390x",
        meson_family="s390x",
    ),
)
ARCHITECTURES = {architecture.name: architecture for architecture in _KNOWN}
MAJOR_VERSIONS: dict[LibcFamily, int] = {"glibc": 2, "musl": 1}
"""The first number of the version of every C library that runs on Linux."""
WITHOUT_MANYLINUX = {"armv5tel", "armv6l"}


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A machine with a C library: what a compiler compiles for and what a wheel's tag names."""

    architecture: Architecture
    libc: LibcFamily
    libc_version: tuple[int, int] | None
    """The version found on a real host, the floor promised by a tag, or None where none is known."""
    tag_family: TagFamily = "linux"
    """Which kind of tag the wheel is to carry."""

    @classmethod
    def from_tag(cls, tag: str) -> Platform:
        """Read ``manylinux_2_28_aarch64``, ``manylinux2014_x86_64``, ``musllinux_1_2_armv7l`` or ``linux_riscv64``.

        Raises HostError for anything else, naming the nearest thing that would do.
        """
        found = _TAG.fullmatch(tag)
        machine = found["machine"] if found else ""
        if not found or machine not in ARCHITECTURES:
            raise unreadable_tag(tag)
        family, version = _floor(found, tag)
        if family == "manylinux" and machine in WITHOUT_MANYLINUX:
            raise HostError(
                f"There is no manylinux tag for {machine}: {tag!r} is one that no installer takes.",
                why="PEP 600 leaves the machines to the installers' tables, and those have no 32-bit Arm before ARMv7.",
                fix=f"Use --host linux_{machine}, or name the host's own Python.",
            )
        return cls(
            architecture=ARCHITECTURES[machine],
            # A tag of the family linux does not say. Without more, it is the usual one.
            libc="musl" if family == "musllinux" else "glibc",
            libc_version=version,
            tag_family=family,
        )

    @property
    def wheel_tag(self) -> str:
        """The platform tag a wheel with machine code for this platform carries: ``manylinux_2_28_aarch64``."""
        if self.tag_family == "linux" or self.libc_version is None:
            return f"linux_{self.architecture.name}"
        major, minor = self.libc_version
        return f"{self.tag_family}_{major}_{minor}_{self.architecture.name}"

    @property
    def tag_names(self) -> tuple[str, ...]:
        """The wheel tag and, if it has an older name, also that: ``manylinux_2_17_…`` is ``manylinux2014_…``."""
        legacy = _LEGACY_NAMES.get(self.libc_version or (0, 0)) if self.tag_family == "manylinux" else None
        return (self.wheel_tag, *([f"{legacy}_{self.architecture.name}"] if legacy else ()))

    @property
    def installable_tags(self) -> tuple[str, ...]:
        """The platform tags of wheels that run here, the best first (PEP 600, PEP 656).

        Where the version of glibc is not known, those that every glibc of this machine fulfils.
        """
        machine = self.architecture.name
        if self.libc == "musl":
            minor = self.libc_version[1] if self.libc_version else 0
            return (*(f"musllinux_1_{older}_{machine}" for older in range(minor, -1, -1)), f"linux_{machine}")
        lowest = _LOWEST_MANYLINUX.get(machine, (2, 17))
        known = self.libc_version or FIRST_GLIBC.get(machine, lowest)
        promised = range(known[1], lowest[1] - 1, -1) if machine not in WITHOUT_MANYLINUX else ()
        names = (name for older in promised for name in (f"manylinux_2_{older}", _LEGACY_NAMES.get((2, older))) if name)
        return (*(f"{name}_{machine}" for name in names), f"linux_{machine}")

    @property
    def environment(self) -> str:
        """The last part of the GNU type: ``gnueabihf``."""
        return ("musl" if self.libc == "musl" else "gnu") + self.architecture.eabi

    @property
    def gnu_type(self) -> str:
        """The GNU type as compilers are named by it: ``aarch64-linux-gnu``."""
        return f"{self.architecture.gnu_cpu}-linux-{self.environment}"

    @property
    def rust_triple(self) -> str:
        """Rust's target triple: ``armv7-unknown-linux-gnueabihf``."""
        return f"{self.architecture.rust_cpu}-unknown-linux-{self.environment}"

    @property
    def multiarch(self) -> str:
        """Debian's multiarch tuple, which CPython puts into extension suffixes: ``i386-linux-gnu``."""
        return f"{self.architecture.multiarch_cpu}-linux-{self.environment}"

    @property
    def sysconfig_platform(self) -> str:
        """What ``sysconfig.get_platform()`` says on the host: ``linux-aarch64``."""
        return f"linux-{self.architecture.name}"

    @property
    def libc_text(self) -> str:
        """The C library for messages: ``glibc 2.36``."""
        return self.libc + (" {}.{}".format(*self.libc_version) if self.libc_version else "")


def unreadable_tag(tag: str) -> HostError:
    """Return the error for ``tag`` if it is not a platform tag, or one for a machine that crossbuild does not know."""
    found = _TAG.fullmatch(tag)
    if not found:
        return HostError(
            f"{tag!r} is not a platform tag.",
            fix="Tags look like manylinux_2_28_aarch64, musllinux_1_2_armv7l or linux_riscv64.",
        )
    return HostError(
        f"The tag {tag!r} names the architecture {found['machine']!r}, which crossbuild does not know.",
        fix=f"Known architectures: {', '.join(sorted(ARCHITECTURES))}.",
    )


def is_platform_tag(text: str) -> bool:
    """Return whether ``text`` has the form of a tag that :meth:`Platform.from_tag` reads, for a machine it knows."""
    found = _TAG.fullmatch(text)
    return found is not None and found["machine"] in ARCHITECTURES


# As in packaging's _manylinux.py: manylinux1 and manylinux2010 were for x86 only (PEP 513, PEP 571). The other machines
# came with manylinux2014.
_LOWEST_MANYLINUX = {"x86_64": (2, 5), "i686": (2, 5)}
FIRST_GLIBC = {"loongarch64": (2, 36), "riscv64": (2, 27)}
"""Of machines that manylinux's oldest glibc did not know yet (glibc's NEWS)."""
LEGACY_FLOORS = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_LEGACY_NAMES = {floor: name for name, floor in LEGACY_FLOORS.items()}
_TAG = re.compile(
    r"(?:(?P<family>manylinux|musllinux)_(?P<major>\d+)_(?P<minor>\d+)|(?P<legacy>manylinux1|manylinux2010|manylinux2014)|linux)"
    r"_(?P<machine>\w+)",
    re.ASCII,
)
_MOST_DIGITS = 3
"""In the second number of a C library's version."""


def _floor(found: re.Match[str], tag: str) -> tuple[TagFamily, tuple[int, int] | None]:
    if found["legacy"]:
        return "manylinux", LEGACY_FLOORS[found["legacy"]]
    if not found["family"]:
        return "linux", None
    family: TagFamily = "musllinux" if found["family"] == "musllinux" else "manylinux"
    libc: LibcFamily = "musl" if family == "musllinux" else "glibc"
    if found["major"] != str(MAJOR_VERSIONS[libc]) or len(found["minor"]) > _MOST_DIGITS:
        raise HostError(
            f"{tag!r:.100} is a tag that no host has: there is no such version of {libc}.",
            fix="Tags look like manylinux_2_28_aarch64, musllinux_1_2_armv7l or linux_riscv64.",
        )
    return family, (MAJOR_VERSIONS[libc], int(found["minor"]))
