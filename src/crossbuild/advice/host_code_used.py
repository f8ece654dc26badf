"""What builds did on this machine with what is for the host, or asked it instead of the host: warnings for the user.

The cross Python and the watch over programs write it into one file of the compilers' record: the fields kind, subject,
who and directory of each notice, each ended by a NUL.
"""

from __future__ import annotations

import filecmp
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.advice.host_code import EMULATE, HostCode, Use, each_once
from crossbuild.backend_shim.noticed import NAME
from crossbuild.toolchain.compile_record import read_notes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crossbuild.toolchain.compile_record import Invocation

NOTICED = NAME
"""The name of the file."""
_USES = ("ran", "imported", "loaded")
_PERHAPS = "perhaps "
_QUESTION_OF_AUTOCONF = "conftest"
_UNNAMED = "a.out"
_MOST = 6
"""As many of one kind are named."""

_ANSWER = (
    "Pass the answer with an option or a variable of the project (-C NAME=VALUE, --env NAME=VALUE), or change the "
    'project: hasattr(sys, "cross_compiling") is true in cross builds.'
)
_GIVE_ROOT = (
    "Give the root of the host with --sysroot, or build for a distribution, such as --host debian:bookworm:arm64: then "
    "the project reads the host's own files."
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something that a project asked this machine."""

    kind: str
    """``read`` of a file; else ``asked``."""
    subject: str
    who: str


def read_uses(record: Path, invocations: Sequence[Invocation] = ()) -> tuple[Use, ...]:
    """Return what was executed or loaded here that is for the host.

    ``invocations`` is the record of the compilers: it tells what is for the host where that is like this machine.
    """
    notices = [notice for notice in _notices(record) if notice[0].removeprefix(_PERHAPS) in _USES]
    # Only a host like this machine leaves doubts, which a look at the compilers' record settles.
    made = _made(invocations) if any(kind.startswith(_PERHAPS) for kind, *_ in notices) else {}
    uses = [
        Use(verb=kind.removeprefix(_PERHAPS), file=file, who=who)
        for kind, file, who, _ in notices
        if not kind.startswith(_PERHAPS) or _is_one_of(Path(file), made)
    ]
    return each_once(use for use in uses if not _is_question(use, uses))


def read_questions(record: Path) -> tuple[Question, ...]:
    """Return what the project's code asked this machine although it means the host."""
    notices = (notice for notice in _notices(record) if notice[0] in {"read", "asked"})
    return tuple(dict.fromkeys(Question(kind=kind, subject=subject, who=who) for kind, subject, who, _ in notices))


def noticed_warnings(
    uses: Sequence[Use], questions: Sequence[Question], *, has_root: bool, emulated: bool = False
) -> Iterator[str]:
    """Yield a warning for all ``uses`` and one for all ``questions`` of a build that succeeded.

    ``has_root``: whether the host's root is here. ``emulated``: whether an emulator ran what it could.
    """
    if uses:
        done = _listed(f"{use.verb} {use.name}{f' ({use.who})' if use.who else ''}" for use in uses)
        emulate = "" if emulated else f"{EMULATE.format(HostCode(uses=tuple(uses)).level)} "
        which = "which is" if len(uses) == 1 else "which are"
        yield (
            f"The build {done}, {which} for the host, on this machine. It went on, but the wheel may lack a feature "
            f"or have this machine's answer. {emulate}{_ANSWER}"
        )
    if questions:
        # Reversed twice: of several lines that ask the same the first is named, in the order in which they asked.
        first = {question.subject: question for question in reversed(questions)}
        asked = _listed(f"{subject} ({question.who})" for subject, question in reversed(first.items()))
        fix = _ANSWER if has_root or not any(question.kind == "read" for question in questions) else _GIVE_ROOT
        yield f"The project asks this machine, not the host: {asked}. The wheel may have this machine's answer. {fix}"


def _listed(texts: Iterable[str]) -> str:
    words = list(dict.fromkeys(texts))
    if len(words) > _MOST:
        words[_MOST:] = [f"{len(words) - _MOST} more"]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _notices(record: Path) -> Iterator[tuple[str, ...]]:
    return read_notes(record / NOTICED, width=4)


def _made(invocations: Iterable[Invocation]) -> dict[Path, int]:
    """Return the files that the compilers made, and how many bytes they have; -1 of one that is gone."""
    done = (run for run in invocations if run.status == 0)
    outputs = (Path(os.path.normpath(run.cwd / (run.output or _UNNAMED))) for run in done)
    return {output: output.stat().st_size if output.is_file() else -1 for output in outputs}


def _is_one_of(file: Path, made: Mapping[Path, int]) -> bool:
    """Return whether ``file`` is one of those ``made``, or a copy."""
    # Builds copy what they compiled, and rename it. Sizes come first, so that hardly any content is read.
    size = file.stat().st_size if file.is_file() and file not in made else None
    return file in made or any(
        filecmp.cmp(file, other, shallow=False) for other, others_size in made.items() if others_size == size
    )


def _is_question(use: Use, uses: Sequence[Use]) -> bool:
    """Return whether a configure script only asks whether it is cross-compiling: then it runs one program, once."""
    return use.name == _QUESTION_OF_AUTOCONF and sum(other.file == use.file for other in uses) == 1
