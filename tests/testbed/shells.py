"""The shells that people use: the machine's own bash, and zsh and fish from Debian."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.testbed.debian import machine_architecture, unpack_closure
from tests.testbed.tools import TOOLS_SUITE, relocate_programs

if TYPE_CHECKING:
    from tests.testbed.bed import Bed


def shell(bed: Bed, name: str) -> Path:
    """Return ``bash``, ``dash``, ``zsh`` or ``fish``."""
    if found := bed.which(name):
        return found
    package = {"zsh": "zsh-static"}.get(name, name)

    def make(scratch: Path) -> None:
        unpack_closure(bed, TOOLS_SUITE, machine_architecture(bed), [package], into=scratch, without={"libc6"})
        if name == "fish":
            relocate_programs(bed, scratch)
            # It is where its data and its configuration are, beside its own directory.
            (scratch / "usr/etc").symlink_to("../etc")
        else:
            (scratch / "usr/bin").mkdir(parents=True, exist_ok=True)
            (scratch / "usr/bin" / name).symlink_to(Path("../../bin", package))

    return bed.cache.entry("shells", f"{TOOLS_SUITE}-{name}", make) / "usr/bin" / name
