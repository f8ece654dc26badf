"""A shell that somebody types a page's commands into, one after another."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tests.printed.output import difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.printed.commands import Command


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of a command."""

    status: int
    printed: str
    """All that a terminal would have shown."""


class Session:
    """A bash, whose variables, functions and directory stay from command to command."""

    def __init__(self, *, cwd: Path, environ: Mapping[str, str], files: Path) -> None:
        """``files``: a directory for what it reads and writes."""
        self._files = files
        self._statuses, descriptor = os.pipe()
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.PIPE,
            pass_fds=[descriptor],
            text=True,
        )
        os.close(descriptor)
        self._descriptor = descriptor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shell.communicate()
        os.close(self._statuses)

    def type(self, line: str, *, typed: str = "") -> Done:
        """Run ``line`` to its end. If it starts a shell, that reads ``typed``, and ends where it fails."""
        command, given, printed = (self._files / name for name in ("command", "typed", "printed"))
        command.write_text(f"{line}\n", encoding="utf-8")
        given.write_text(f"set -e\n{typed}" if typed else "", encoding="utf-8")
        printed.write_text("", encoding="utf-8")
        assert self._shell.stdin
        with suppress(BrokenPipeError):  # as an earlier command has ended it
            self._shell.stdin.write(f". '{command}' <'{given}' >'{printed}' 2>&1; echo $? >&{self._descriptor}\n")
            self._shell.stdin.flush()
        status = self._status()
        return Done(status=status, printed=printed.read_text(encoding="utf-8", errors="replace"))

    def _status(self) -> int:
        told = b""
        while not told.endswith(b"\n"):
            if not (part := os.read(self._statuses, 100)):
                return self._shell.wait()
            told += part
        return int(told)


def faults(
    session: Session,
    lines: Iterable[str],
    commands: Iterable[Iterable[Command]],
    *,
    meant: Callable[[str], str] = str,
) -> Iterator[str]:
    """Type ``lines``; yield where they do not do what the ``commands`` promise, some for each line.

    ``meant`` returns a text with what its words stand for.
    """
    for line, promising in zip(lines, commands, strict=True):
        typed = "".join({command.typed for command in promising})
        done = session.type(meant(line), typed=typed)
        for command in promising:
            if bool(done.status) != command.fails:
                yield f"{command.place}: {line}\nended with {done.status}:\n{done.printed}"
            elif command.output and (differs := difference(meant(command.output), done.printed)):
                yield f"{command.place}: {line}\n{differs}"
