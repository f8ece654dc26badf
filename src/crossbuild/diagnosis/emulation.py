"""qemu-user: what can run a host's programs here, and whether the kernel does so by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.diagnosis.finding import Finding
from crossbuild.emulation.namespace import obstacle, remedy
from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.platforms.qemu import find_qemu, qemu_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from crossbuild.platforms.platform import Architecture

BINFMT = Path("/proc/sys/fs/binfmt_misc")


def check_emulator(
    environ: Mapping[str, str], architecture: Architecture | None = None, *, registered_in: Path = BINFMT
) -> Finding:
    """Return whether programs for ``architecture``, else for which machines programs, can be run here.

    ``registered_in`` is where the kernel shows the formats that it has interpreters for.
    """
    wanted = [architecture] if architecture else list(ARCHITECTURES.values())
    names = list(dict.fromkeys(map(qemu_name, wanted)))
    programs = list(dict.fromkeys(program for one in wanted if (program := find_qemu(one, environ))))
    registered = [name for name in names if _is_registered(registered_in / name)]
    if not (programs or registered):
        return Finding(
            subject="emulator",
            state="absent",
            detail="no qemu-user on PATH; few builds need it",
            remedy="To run wheels' tests here, and builds that run host code: apt install qemu-user-static",
        )
    shown = programs if architecture else [Path(program).name for program in programs]
    return Finding(
        subject="emulator", state="ok", detail="".join([", ".join(shown) or "none on PATH", _told_of(registered)])
    )


def check_namespace() -> Finding:
    """Return whether the kernel can start the host's programs in a build, and nowhere else."""
    found = obstacle()
    if not found:
        return Finding(subject="host programs", state="ok", detail="an emulator can run them, for a build alone")
    return Finding(
        subject="host programs",
        state="absent",
        detail=f"the kernel does not start them in builds ({found}); CMake, Meson, cargo and automake still can",
        remedy=remedy(),
    )


def _told_of(registered: Collection[str]) -> str:
    if not registered:
        return ""
    return (
        f"\nregistered with the kernel: {', '.join(registered)}\n"
        "so checks of configure scripts that run a program may succeed here, and not elsewhere"
    )


def _is_registered(file: Path) -> bool:
    try:
        return file.read_text(encoding="utf-8", errors="replace").startswith("enabled")
    except OSError:
        return False
