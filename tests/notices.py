"""Files that look as if they were for another machine, and what was noticed of them."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

from crossbuild.advice.host_code_used import read_questions, read_uses

if TYPE_CHECKING:
    from pathlib import Path

MACHINES = {"aarch64": 183, "x86_64": 62, "riscv64": 243}
"""``e_machine`` of machines with 64 bits and the little end first, by elf(5)."""
OTHER = "aarch64" if os.uname().machine != "aarch64" else "riscv64"
"""A machine that this one is not."""


def write_program(file: Path, machine: str = OTHER) -> Path:
    """Write a file that the kernel and the loader take for a program of ``machine``, and that does nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    header = struct.pack("<4s5B7xHHI", b"\x7fELF", 2, 1, 1, 0, 0, 2, MACHINES[machine], 1)
    file.write_bytes(header.ljust(128, b"\0"))
    file.chmod(0o755)
    return file


def uses(record: Path) -> set[str]:
    """Return what was executed or loaded according to ``record``: ``ran probe (setup.py, line 3)``."""
    return {f"{use.verb} {use.name} ({use.who})" for use in read_uses(record)}


def questions(record: Path) -> set[str]:
    """Return what this machine was asked according to ``record``, and by which line."""
    return {f"{question.subject} ({question.who})" for question in read_questions(record)}
