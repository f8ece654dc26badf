"""Host Pythons made to order: a few small files in the places where a reader looks. None of them can be run."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossbuild.platforms.platform import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MACHINES = {
    "i686": 3,
    "ppc64le": 21,
    "s390x": 22,
    "armv7l": 40,
    "armv5tel": 40,
    "armv6l": 40,
    "loongarch64": 258,
    "x86_64": 62,
    "aarch64": 183,
    "riscv64": 243,
}
_USUAL_FLAGS = {"riscv64": 0x5}
"""What all systems have, where nothing said means something else."""
_PT_INTERP = 3

PYCONFIG = """/* pyconfig.h.  Generated from pyconfig.h.in by configure.  */

/* Define to 1 if you have the `getrandom' function. */
#define HAVE_GETRANDOM 1

/* Define to 1 if you have the <endian.h> header file. */
/* #undef HAVE_ENDIAN_H */

/* The size of `void *', as computed by sizeof. */
#define SIZEOF_VOID_P {size}

/* Define WORDS_BIGENDIAN to 1 if your processor stores words with the most
   significant byte first (like Motorola and SPARC, unlike Intel). */
#if defined AC_APPLE_UNIVERSAL_BUILD
# if defined __BIG_ENDIAN__
#  define WORDS_BIGENDIAN 1
# endif
#else
# ifndef WORDS_BIGENDIAN
/* #  undef WORDS_BIGENDIAN */
# endif
#endif
"""

PATCHLEVEL = """#define PY_MAJOR_VERSION        3
#define PY_MINOR_VERSION        {minor}
#define PY_MICRO_VERSION        4
"""


def elf(architecture: str, interpreter: str = "", *, flags: int = 0, tail: bytes = b"") -> bytes:
    """Return an executable for ``architecture`` that has a header, the name of its loader and ``tail``."""
    known = ARCHITECTURES[architecture]
    order, wide = ("<" if known.little_endian else ">"), known.bits == 64
    head, entry = (64, 56) if wide else (52, 32)
    name = interpreter.encode() + b"\0"
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if known.little_endian else 2, 1]) + bytes(9)
    word = "Q" if wide else "I"
    count = 1 if interpreter else 0
    flags = flags or _USUAL_FLAGS.get(architecture, 0)
    header = struct.pack(
        f"{order}HHI{word}{word}{word}IHHHHHH",
        *(2, _MACHINES[architecture], 1, 0, head, 0, flags, head, entry, count, 64 if wide else 40, 0, 0),
    )
    place, size = head + entry, len(name)
    if wide:
        segment = struct.pack(f"{order}IIQQQQQQ", _PT_INTERP, 4, place, 0, 0, size, size, 1)
    else:
        segment = struct.pack(f"{order}IIIIIIII", _PT_INTERP, place, 0, 0, size, size, 4, 1)
    return ident + header + segment + name + tail


@dataclass
class SamplePython:
    """A host Python that is as it should be, until a test changes a part of it before :meth:`install`."""

    root: Path
    """What ``/`` is to the host."""
    prefix: str = "/usr"
    minor: int = 11
    architecture: str = "aarch64"
    multiarch: str = "aarch64-linux-gnu"
    interpreter: str = "/lib/ld-linux-aarch64.so.1"
    flags: int = 0
    abi_flags: str = ""
    variables: dict[str, str | int | None] = field(default_factory=dict)
    """To be changed in the sysconfigdata; None leaves a variable out."""

    @property
    def home(self) -> Path:
        return self.root / self.prefix.lstrip("/")

    @property
    def executable(self) -> Path:
        return self.home / "bin" / f"python3.{self.minor}{self.abi_flags}"

    @property
    def library(self) -> Path:
        return self.home / "lib" / f"python3.{self.minor}{'t' if 't' in self.abi_flags else ''}"

    @property
    def sysconfigdata(self) -> Path:
        return self.library / f"_sysconfigdata_{self.abi_flags}_linux_{self.multiarch}.py"

    @property
    def include(self) -> Path:
        return self.home / "include" / f"python3.{self.minor}{self.abi_flags}"

    def recorded(self) -> Mapping[str, str | int]:
        """Return what its sysconfigdata says."""
        include = f"{self.prefix}/include/python3.{self.minor}{self.abi_flags}"
        values: dict[str, str | int | None] = {
            "ABIFLAGS": self.abi_flags,
            "CC": "gcc",
            "CONFINCLUDEPY": include,
            "EXT_SUFFIX": f".cpython-3{self.minor}{self.abi_flags}-{self.multiarch}.so",
            "INCLUDEPY": include,
            "MULTIARCH": self.multiarch,
            "SIZEOF_VOID_P": ARCHITECTURES[self.architecture].bits // 8,
            "VERSION": f"3.{self.minor}",
            "prefix": self.prefix,
        }
        return {key: value for key, value in (values | self.variables).items() if value is not None}

    def install(self) -> SamplePython:
        for directory in (self.executable.parent, self.library, self.include):
            directory.mkdir(parents=True, exist_ok=True)
        self.executable.write_bytes(elf(self.architecture, self.interpreter, flags=self.flags))
        self.executable.chmod(0o755)
        self.sysconfigdata.write_text(f"# generated\nbuild_time_vars = {dict(self.recorded())!r}\n")
        (self.include / "Python.h").write_text("")
        (self.include / "patchlevel.h").write_text(PATCHLEVEL.format(minor=self.minor))
        size = ARCHITECTURES[self.architecture].bits // 8
        (self.include / "pyconfig.h").write_text(PYCONFIG.format(size=size))
        return self
