"""Symbols that nothing on the host defines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.wrong_wheels.kinds import WrongWheel

KINDS: tuple[WrongWheel, ...] = ()
