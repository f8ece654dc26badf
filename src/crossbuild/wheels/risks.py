"""What works on some hosts only, or not for long: no reason to refuse a wheel, but worth a warning.

Sources: glibc 2.41's NEWS (dlopen() no longer makes stacks executable), ld(1) (``-z noexecstack``, ``-z text``), ar(1)
(thin archives), PEP 600 (a tag's floor, and that its code runs on all CPUs of an architecture).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.machine_code import is_for, needed_floor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import Platform
    from crossbuild.wheels.wheel_contents import WheelContents

_FLOOR = re.compile(r"manylinux_(\d+)_(\d+)_\w+")
_OLD_NAMES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


def risk_warnings(contents: WheelContents, platform: Platform) -> Iterator[WheelFinding]:
    """Yield a warning for each risk."""
    for elf in contents.elf_files:
        if is_for(elf, platform):
            yield from _elf_risks(elf)
    for name in contents.thin_archives:
        text = "is a thin static library, which only names object files of the machine that made it"
        yield WheelFinding(id="thin-archive", file=name, text=text)
    yield from _low_floor(contents)


def _elf_risks(elf: ElfFile) -> Iterator[WheelFinding]:
    if elf.executable_stack:
        text = "asks for an executable stack, and glibc 2.41 and newer refuse to load it"
        yield WheelFinding(id="executable-stack", file=elf.name, text=text)
    if elf.text_relocations:
        text = "has text relocations, and hardened hosts refuse to change code that they load"
        yield WheelFinding(id="text-relocations", file=elf.name, text=text)
    if elf.x86_level > 1:
        text = f"requires a CPU of x86-64-v{elf.x86_level}, and glibc refuses to load it on others"
        yield WheelFinding(id="cpu-level", file=elf.name, text=text)


def _low_floor(contents: WheelContents) -> Iterator[WheelFinding]:
    """Yield a warning if a tag promises that the wheel works with an older glibc than it does."""
    floors = {tag.platform: floor for tag in contents.tags if (floor := _promised_glibc(tag.platform))}
    needed = needed_floor(contents.elf_files, contents.loading.of_wheel)
    low = sorted(tag for tag, floor in floors.items() if needed and floor < needed)
    if needed and low:
        promised = "{}.{}".format(*floors[low[0]])
        text = f"claims to fit glibc {promised} by its tag {low[0]}, but needs {needed[0]}.{needed[1]}"
        yield WheelFinding(id="low-floor", file=contents.path.name, text=text)


def _promised_glibc(tag: str) -> tuple[int, int] | None:
    if found := _FLOOR.fullmatch(tag):
        return int(found[1]), int(found[2])
    return _OLD_NAMES.get(tag.partition("_")[0])
