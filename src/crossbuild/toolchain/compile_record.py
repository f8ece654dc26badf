"""What the compilers of one build were asked, and how it went.

The compiler files (compiler.sh) append to one file per process: for each run the fields tool, directory, status,
number of arguments, then the arguments, each ended by a NUL. Then they append the name of that file to the file
``order``, in a write so short that those of two processes cannot mix. What they dropped or refused is in the file
``told``: what was done, the options, the program that passed them, its directory, and a variable that holds them. What
they said of sources that came by standard input is in the file ``answers``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD_VARIABLE = "CROSSBUILD_RECORD"
"""The environment variable that names the directory of the record."""


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One run of a compiler or binary tool."""

    tool: str
    """``cc``, ``cxx``, ``ar``, ``fc`` …"""
    cwd: Path
    arguments: tuple[str, ...]
    """As the compiler got them: what does not belong to the host was dropped before."""
    status: int
    """The exit status."""

    @property
    def output(self) -> str | None:
        """What ``-o`` named, if anything."""
        for option, value in zip(self.arguments, (*self.arguments[1:], None), strict=True):
            if option.startswith("-o"):
                return option[2:] or value
        return None


def read_record(directory: Path) -> list[Invocation]:
    """Return every run that the compilers recorded in ``directory``, in the order in which they ended."""
    order = directory / "order"
    if not order.exists():
        return []
    runs = {file.name: _parse(file.read_bytes()) for file in directory.glob("[0-9]*")}
    return [next(runs[process]) for process in order.read_text(encoding="ascii").split()]


def _parse(content: bytes) -> Iterator[Invocation]:
    fields = iter(content.decode(errors="surrogateescape").split("\0"))
    for tool in fields:
        if not tool:
            return
        cwd, status, count = next(fields), next(fields), next(fields)
        arguments = tuple(next(fields) for _ in range(int(count)))
        yield Invocation(tool=tool, cwd=Path(cwd), arguments=arguments, status=int(status))


def read_answers(record: Path) -> str:
    """Return what the compilers said of sources from standard input: builds that ask this way may not print it."""
    file = record / "answers"
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def read_dropped(record: Path) -> tuple[str, ...]:
    """Return what the compilers were told and did not take over, a sentence for each program that told them."""
    told: dict[tuple[str, str], dict[str, None]] = {}
    for what, options, program, directory, _ in _told(record):
        if what == "dropped":
            told.setdefault((program, directory), {}).update(dict.fromkeys(options.split()))
    return tuple(
        f"{' '.join(options)} did not reach the compiler, not being for the host; {program} passed it in {directory}"
        for (program, directory), options in told.items()
    )


def read_refused(record: Path) -> tuple[str, ...]:
    """Return what of the environment's flags the compilers refused, a sentence for each variable.

    What a build came up with by itself may well have been a question.
    """
    told: dict[str, dict[str, None]] = {}
    for what, options, _, _, variable in _told(record):
        if what == "refused" and variable:
            told.setdefault(variable, {}).update(dict.fromkeys(options.split()))
    return tuple(
        f"The host's compiler does not know {' '.join(options)}, from {variable} in the environment"
        for variable, options in told.items()
    )


def _told(record: Path) -> Iterator[tuple[str, ...]]:
    """Return what each run left in the file ``told``: what, options, program, directory, variable."""
    return read_notes(record / "told", width=5)


def read_notes(file: Path, *, width: int) -> Iterator[tuple[str, ...]]:
    """Return the notes that a build appended to ``file``, if there is one: ``width`` fields, each ended by a NUL."""
    fields = file.read_bytes().decode(errors="surrogateescape").split("\0") if file.exists() else []
    # The last field is followed by nothing, and a process that was killed may have left a part of a note.
    return zip(*(fields[start::width] for start in range(width)), strict=False)
