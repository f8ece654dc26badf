"""What a user is shown of a failed program's output: its first error, the command that failed, and its last words."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from crossbuild.system.compiler_questions import COLOUR
from crossbuild.system.failed_command import shortened
from crossbuild.system.first_error import BuildOutput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LINES = 20
"""What is shown of an output without an error in known words: its end."""
_MOST = 18
"""The lines to which further errors are added to the first."""
_LAST = 4
"""The last lines, in which a build may say something new."""
_BEFORE, _MESSAGE, _FRAMES = 6, 8, 2
"""Lines before a traceback that may say the reason, lines of its message, and its frames in a project's own code."""

_AGAIN = re.compile(
    r"^\s|^\d+ +\||: (?:note|warning): |: error: |exit (?:code|status)|^ERROR\b.*(?:build|wheel)"
    r"|^error: (?:could not compile|aborting)|^warning: |^Some errors have|^For more information|^During handling of"
    r"|[Ll]ogs? (?:can be found|is|are) |^-- Configuring incomplete|^See also |too many errors|\bfailed!?$"
)
"""What adds nothing to an error: it says that somebody stopped for it, or where to read about it."""
_FRAME = re.compile(r'^\s+File "')
_NOT_OF_PROJECT = re.compile(r'^\s+File "(?:[^"]*(?:/site-packages/|/lib/python\d)|<frozen )')
_PYTHON = re.compile(r'^(\s+File ")[^"]*(?=/lib/python\d)')
"""Where a Python is that ran the build, in the cache or in the build directory."""
_BUILD_SCRIPT = re.compile(r"^error: failed to run custom build command")
_RUST_COMMAND = re.compile(r'^\s+= note: .*"\S+" "|^\s+= note: some arguments are omitted')
"""How rustc says which command linked: some thousand characters."""
_PANIC, _BACKTRACE = re.compile(r"^\s+thread '.*' .*panicked at "), re.compile(r"^\s+(?:stack backtrace:|note: )")


def excerpt(output: str, *, rest: str = "lines omitted") -> str:
    """Return the lines of ``output`` that say why a build failed, blank ones left out.

    These are the first error that the build did not get over and those that follow on it, the command that failed, and
    its last words if they say something else; without an error in known words, the end. ``rest``: what is said, after
    their number, of the other lines.
    """
    lines = [line for line in output.splitlines() if line.strip()]
    printed = BuildOutput(lines=[COLOUR.sub("", line) for line in lines])
    if printed.first_error is None:
        end = lines[-_LINES:]
        return "\n".join([*_folded(len(lines) - len(end), rest), *end])
    error = _error(printed, printed.first_error)
    last = [n for n in range(max(error[-1] + 1, len(lines) - _LAST), len(lines)) if not _is_said_again(printed, n)]
    command = shortened(printed.command(printed.first_error), [printed.lines[n] for n in error])
    return "\n".join(
        [
            *(_PYTHON.sub(r"\1…", lines[n]) for n in error),
            *([f"Failed command: {command}"] if command else []),
            *_folded(len(lines) - len(error) - len(last), rest),
            *(lines[n] for n in last),
        ]
    )


def headline(text: str) -> str:
    """Return the line of an :func:`excerpt` that says the error; empty without an error in known words."""
    printed = BuildOutput(lines=[COLOUR.sub("", line) for line in text.splitlines() if line.strip()])
    place = printed.first_error
    if place is None:
        return ""
    if printed.is_traceback(place):
        return next((line for line in printed.lines[place + 1 :] if not line.startswith(" ")), "")
    return printed.lines[place].strip()


def _folded(count: int, rest: str) -> Iterator[str]:
    if count:
        yield f"[{count} {rest if count > 1 else rest.replace('lines', 'line')}]"


def _error(printed: BuildOutput, place: int) -> Sequence[int]:
    """Return the lines of the error in the line ``place``, and of those that follow on it as far as there is space."""
    if printed.is_traceback(place):
        return _traceback(printed, place)
    if _BUILD_SCRIPT.match(printed.lines[place]) and (quoted := _of_build_script(printed.lines, place)):
        return [place, *quoted]
    start, stop = printed.start(place), printed.stop(place)
    if printed.lines[place].startswith("FAILED: ") and stop > place + 2:
        start = place + 2  # what the command said; the command itself is shown shortened
    shown = [*range(start, stop)]
    if printed.is_of_compiler(place):
        for told in printed.errors_after(stop):
            more = range(max(printed.start(told), shown[-1] + 1), printed.stop(told))
            if len(shown) + len(more) > _MOST:
                break
            shown += more
    return [n for n in shown if not _RUST_COMMAND.match(printed.lines[n])]


def _of_build_script(lines: Sequence[str], place: int) -> Sequence[int]:
    """Return where Cargo quotes what a build script said last, its panic if it had one; behind all that it printed."""
    begin = next((n + 1 for n in range(place, len(lines)) if lines[n].strip() == "--- stderr"), len(lines))
    stop = next((n for n in range(begin, len(lines)) if not lines[n].startswith(" ")), len(lines))
    panic = next((n for n in range(begin, stop) if _PANIC.match(lines[n])), None)
    if panic is None:
        return range(max(begin, stop - _MESSAGE), stop)
    return range(panic, next((n for n in range(panic, stop) if _BACKTRACE.match(lines[n])), stop))


def _traceback(printed: BuildOutput, place: int) -> Sequence[int]:
    """Return what was said before the traceback, its frames in a project's own code, the last frame and the message."""
    lines = printed.lines
    begin = place
    while begin > max(0, place - _BEFORE) and not printed.is_over(begin - 1):
        begin -= 1
    message = next((n for n in range(place + 1, len(lines)) if not lines[n].startswith(" ")), len(lines))
    limit = min(message + _MESSAGE, len(lines))
    stop = next((n for n in range(message + 1, limit) if _ends_message(printed, n)), limit)
    return [*range(begin, place + 1), *_frames(lines, place + 1, message), *range(message, stop)]


def _ends_message(printed: BuildOutput, place: int) -> bool:
    line = printed.lines[place]
    return printed.is_over(place) or (not line.startswith(" ") and bool(_AGAIN.search(line)))


def _frames(lines: Sequence[str], begin: int, end: int) -> Iterator[int]:
    """Yield the lines of those frames of a traceback that are shown."""
    starts = [n for n in range(begin, end) if _FRAME.match(lines[n])]
    own = [n for n in starts if not _NOT_OF_PROJECT.search(lines[n])]
    for start, stop in pairwise([*starts, end]):
        if start in own[-_FRAMES:] or start in starts[-1:]:
            yield from range(start, stop)


def _is_said_again(printed: BuildOutput, place: int) -> bool:
    return printed.is_over(place) or printed.is_of_compiler(place) or bool(_AGAIN.search(printed.lines[place]))
