"""Wheels with one fault each, by kind: what the check, the gate and installers are tested with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wrong_wheels import (
    binaries,
    containers,
    elf_files,
    libraries,
    machines,
    metadata,
    names,
    programs,
    record,
    risks,
    schemes,
    symbols,
    tags,
    wheel_file,
)

if TYPE_CHECKING:
    from tests.wrong_wheels.kinds import WrongWheel

GROUPS: dict[str, tuple[WrongWheel, ...]] = {
    module.__name__.rpartition(".")[2]: module.KINDS
    for module in (
        *(binaries, elf_files, machines, libraries, symbols, risks),
        *(tags, metadata, wheel_file, schemes, names, record, programs, containers),
    )
}
WRONG_WHEELS: dict[str, WrongWheel] = {kind.name: kind for group in GROUPS.values() for kind in group}
"""By name."""
