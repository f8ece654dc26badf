"""Do the programs of a wheel start on the host?

Sources: execve(2) (the kernel starts the interpreter that a program names), FHS (where distributions have loaders).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.host_libraries import LibrarySearch
from crossbuild.wheels.references import is_measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.model import Host
    from crossbuild.platforms.elf import ElfFile

_USUAL = frozenset(("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64"))


def program_problems(elf: ElfFile, host: Host) -> Iterator[WheelFinding]:
    """Yield a problem if ``elf`` is a program whose loader is where no usual system has it, nor the host's root."""
    directory = posixpath.dirname(elf.interpreter)
    if not elf.interpreter or directory in _USUAL:
        return
    if not (is_measured(host) and LibrarySearch.from_host(host).has_directory(directory)):
        text = f"is started by {elf.interpreter}, which the host does not have"
        yield WheelFinding(id="unusable-interpreter", file=elf.name, text=text)
