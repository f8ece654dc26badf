"""Letting the kernel start the host's programs, for one command and what it starts, and for nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.platforms.elf import machine_number
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from crossbuild.emulation.emulator import Emulator
    from crossbuild.platforms.platform import Architecture

_START = Path(__file__).with_name("private_binfmt.py")
_DELIMITER = "\x1f"
"""Any character that no path has."""
_CLASSES, _ORDERS = {32: 1, 64: 2}, {True: 1, False: 2}
_EXECUTABLE = 2


def in_namespace(emulator: Emulator) -> tuple[str, ...]:
    """Return the beginning of a command in which the kernel starts programs of the host's by ``emulator``."""
    return sys.executable, "-I", "-S", str(_START), _rule(emulator.qemu, emulator.architecture)


def obstacle(emulator: Emulator) -> str:
    """Return what keeps this machine from that, in the system's words; empty if nothing does."""
    done = run_program([*in_namespace(emulator), sys.executable, "-I", "-S", "-c", ""])
    return done.stderr.strip() or f"status {done.returncode}" if done.returncode else ""


def _rule(qemu: Path, architecture: Architecture) -> str:
    """Return what binfmt_misc is to register: executables and libraries of ``architecture``, by their ELF headers.

    Its flags are ``O``, open the program for the interpreter; ``C``, with the program's rights; and ``F``, whatever the
    root of the process is, the interpreter is this one.
    """
    ident = bytes((*b"\x7fELF", _CLASSES[architecture.bits], _ORDERS[architecture.little_endian], 1, 0, *bytes(8)))
    words = (_EXECUTABLE, machine_number(architecture.elf_machine))
    magic = ident + b"".join(word.to_bytes(2, architecture.endian) for word in words)
    # Whatever the OSABI is, and whether it is ET_EXEC or ET_DYN, which is one more.
    mask = b"\xff" * 7 + b"\0" + b"\xff" * 8 + (0xFFFE).to_bytes(2, architecture.endian) + b"\xff\xff"
    fields = ("", "crossbuild", "M", "", _escaped(magic), _escaped(mask), str(qemu), "OCF")
    return _DELIMITER.join(fields)


def _escaped(content: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in content)
