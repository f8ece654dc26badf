"""What a user is shown of a failed test: the signal that ended it, and its output from the first failure on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.system.killed import killed_in, signal_of, signal_text

if TYPE_CHECKING:
    from crossbuild.system.processes import CommandFailedError

_FIRST = re.compile(
    r"^=+ (?:FAILURES|ERRORS) =+$"  # pytest
    r"|^(?:FAIL|ERROR): |^={70}$"  # unittest
    r"|^not ok "  # TAP
    r"|^Fatal Python error: |^Traceback \(most recent call last\):"
    r"|^import \S+:|^qemu: uncaught target signal",
    re.MULTILINE,
)
"""Where tests begin to tell what failed."""
_SHOWN, _END = 60, 20
"""The lines that are shown from the first failure on, and of an output that has none in known words."""


def ending(error: CommandFailedError) -> str:
    """Return how a test ended: what follows "it"."""
    signal = signal_of(error.status)
    return f"was killed by {signal_text(signal)}" if signal else f"ended with status {error.status}"


def account(error: CommandFailedError) -> str:
    """Return what a failed test printed, from the first failure on, after which of its programs a signal ended."""
    killed = [] if signal_of(error.status) else killed_in(error.output)
    signals = dict.fromkeys(f"A program that it ran was killed by {signal_text(one.signal)}." for one in killed)
    return "\n".join((*signals, from_first_failure(error.output)))


def from_first_failure(output: str) -> str:
    """Return the lines of ``output`` from the first failure on, as far as they are few; else its end."""
    found = _FIRST.search(output)
    if not found:
        return "\n".join(output.splitlines()[-_END:])
    lines = output[found.start() :].splitlines()
    if len(lines) <= _SHOWN:
        return "\n".join(lines)
    left_out = len(lines) - _SHOWN
    begin = lines[: _SHOWN - _END]
    return "\n".join((*begin, f"[{left_out} lines omitted]", *lines[-_END:]))
