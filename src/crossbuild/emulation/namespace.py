"""Letting the kernel start the host's programs, for one command and what it starts, and for nothing else."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.emulation.device import Device
from crossbuild.emulation.emulator import Loader, Qemu
from crossbuild.emulation.private_namespace import DELIMITER
from crossbuild.platforms.elf import machine_number
from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from crossbuild.emulation.emulator import Emulator
    from crossbuild.platforms.platform import Architecture

_START = Path(__file__).with_name("private_namespace.py")
_CLASSES, _ORDERS = {32: 1, 64: 2}, {True: 1, False: 2}
_EXECUTABLE = 2
_LINUX_OF_32_BITS = 8
"""personality(2): uname(2) tells of a CPU for 32 bits, as setarch(8) has it."""
_SINCE = (6, 7)
"""The version of Linux since which user namespaces have a binfmt_misc of their own."""
_APPARMOR, _MOST = "kernel/apparmor_restrict_unprivileged_userns", "user/max_user_namespaces"
"""Settings below /proc/sys."""


def in_namespace(emulator: Emulator) -> tuple[str, ...]:
    """Return the beginning of a command in which the kernel starts the host's programs; nothing if it does anyhow."""
    if isinstance(emulator, Qemu | Device):
        return _start(_rule(emulator.program, emulator.architecture))
    if isinstance(emulator, Loader) and (emulator.missing or emulator.is_32_bit):
        added = DELIMITER.join(f"{path}{DELIMITER}{file}" for path, file in emulator.missing.items())
        return _start(added=added, persona=_LINUX_OF_32_BITS if emulator.is_32_bit else 0)
    return ()


def obstacle(emulator: Emulator | None = None) -> str:
    """Return what keeps this machine from that, in the system's words; empty if nothing does.

    Without an ``emulator``, that is whatever keeps it from starting any.
    """
    before = in_namespace(emulator or _any_emulator())
    done = run_program([*before, sys.executable, "-I", "-S", "-c", ""])
    return done.stderr.strip() or f"status {done.returncode}" if done.returncode else ""


def _any_emulator() -> Qemu:
    this = ARCHITECTURES.get(os.uname().machine)
    other = next(one for one in ARCHITECTURES.values() if this is None or one.elf_machine != this.elf_machine)
    return Qemu(program=Path(sys.executable), source="", architecture=other, root=Path("/"))


def remedy(settings: Path = Path("/proc/sys"), release: str = os.uname().release) -> str:
    """Return what to do about an obstacle, by the ``settings`` and the ``release`` of the kernel."""
    if _version(release) < _SINCE:
        return "Linux 6.7 or newer can do it."
    if _setting(settings / _APPARMOR) == "1":
        return f"AppArmor forbids it: sysctl -w {_APPARMOR.replace('/', '.')}=0"
    if _setting(settings / _MOST) == "0":
        return f"It is switched off: sysctl -w {_MOST.replace('/', '.')}=10000"
    return (
        "A container needs --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
        "--security-opt systempaths=unconfined. In a chroot it cannot be done."
    )


def _start(rule: str = "", added: str = "", persona: int = 0) -> tuple[str, ...]:
    return sys.executable, "-I", "-S", str(_START), rule, added, str(persona)


def _rule(interpreter: Path, architecture: Architecture) -> str:
    """Return what binfmt_misc is to register: executables and libraries of ``architecture``, by their ELF headers.

    Its flags are ``O``, open the program for the interpreter; ``C``, with the program's rights; and ``F``, whatever the
    root of the process is, the interpreter is this one.
    """
    ident = bytes((*b"\x7fELF", _CLASSES[architecture.bits], _ORDERS[architecture.little_endian], 1, 0, *bytes(8)))
    words = (_EXECUTABLE, machine_number(architecture.elf_machine))
    magic = ident + b"".join(word.to_bytes(2, architecture.endian) for word in words)
    # Whatever the OSABI is, and whether it is ET_EXEC or ET_DYN, which is one more.
    mask = b"\xff" * 7 + b"\0" + b"\xff" * 8 + (0xFFFE).to_bytes(2, architecture.endian) + b"\xff\xff"
    # The kernel starts no script for a program that it has opened itself.
    flags = "F" if _is_script(interpreter) else "OCF"
    fields = ("", "crossbuild", "M", "", _escaped(magic), _escaped(mask), str(interpreter), flags)
    return DELIMITER.join(fields)


def _is_script(program: Path) -> bool:
    # If it cannot be read, the kernel says so.
    with suppress(OSError), program.open("rb") as file:
        return file.read(2) == b"#!"
    return False


def _escaped(content: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in content)


def _version(release: str) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", release)
    return tuple(map(int, found.groups())) if found else ()


def _setting(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""
