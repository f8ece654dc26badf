"""Runs a command on a terminal of its own, and keeps what somebody in front of it would have seen."""

from __future__ import annotations

import functools
import os
import pty
import re
import subprocess
import sys
import termios
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_ON_TERMINAL = """\
import os, signal, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Python code that makes the terminal the one that Ctrl-C is sent from, and runs a command.

What a shell runs in the background ignores Ctrl-C, and so would the command.
"""
_CHUNK = 1 << 16
_REDRAWN = re.compile(rb"(?=\r\x1b\[2K)")
"""Where what moves is erased, to be drawn again."""
_CHANGING = re.compile(r"[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]|\d+ min \d\d s|\d+(\.\d)? s\b|[━╸╺]+")


@dataclass(kw_only=True)
class Screen:
    """A terminal, and each of the screens that it showed."""

    columns: int
    lines: int = 24
    received: bytes = b""

    def __post_init__(self) -> None:
        self._screen = pyte.HistoryScreen(self.columns, self.lines, history=100_000)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        """Take what the command wrote."""
        self.received += data
        self._stream.feed(data)

    @functools.cached_property
    def frames(self) -> list[str]:
        """Each screen that differs from the one before in more than times and signs that turn."""
        again, found = Screen(columns=self.columns, lines=self.lines), [""]
        for drawn in _REDRAWN.split(self.received):
            again.feed(drawn)
            if _still(again.shown) != _still(found[-1]):
                found.append(again.shown)
        return found[1:]

    @property
    def shown(self) -> str:
        """The screen, without the space to the right and below."""
        return _trimmed(self._screen.display)

    @property
    def text(self) -> str:
        """All that was written and not erased, also what has scrolled away."""
        above = ["".join(line[column].data for column in range(self.columns)) for line in self._screen.history.top]
        return _trimmed([*above, *self._screen.display])

    @property
    def is_cursor_shown(self) -> bool:
        """Whether the command left the terminal as it found it."""
        return not self._screen.cursor.hidden


def record(
    command: Sequence[str | Path],
    *,
    columns: int,
    environ: Mapping[str, str],
    cwd: Path,
    interrupt_at: str = "",
    lines: int = 24,
) -> tuple[int, Screen]:
    """Run ``command`` on a terminal; return its status and what was seen.

    ``interrupt_at``: text on the screen at which somebody presses Ctrl-C.
    """
    screen = Screen(columns=columns, lines=lines)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (lines, columns))
    with subprocess.Popen(
        [sys.executable, "-c", _ON_TERMINAL, *map(str, command)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={"TERM": "xterm-256color", **environ},
        cwd=cwd,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        for data in _chunks(ours):
            screen.feed(data)
            if interrupt_at and interrupt_at in screen.shown:
                os.write(ours, b"\x03")
                interrupt_at = ""
    os.close(ours)
    return process.returncode, screen


def _chunks(terminal: int) -> Iterator[bytes]:
    """Yield what is written to ``terminal`` until nobody has it open."""
    with suppress(OSError):  # what Linux says when the other side of a terminal is closed
        while data := os.read(terminal, _CHUNK):
            yield data


def _trimmed(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).rstrip()


def _still(shown: str) -> str:
    return _CHANGING.sub("", shown)
