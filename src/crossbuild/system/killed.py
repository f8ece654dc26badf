"""Programs that were killed or crashed, or ran out of memory or disk space, and what to do about it.

The forms are those of gcc, clang, rustc and cargo, uv, GNU make, ninja, dash, bash, distutils, CPython's subprocess and
qemu-user.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from signal import Signals
from typing import TYPE_CHECKING

from crossbuild.system.compiler_questions import COLOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

_CALLED = {
    "Killed": Signals.SIGKILL,
    "Segmentation fault": Signals.SIGSEGV,
    "Bus error": Signals.SIGBUS,
    "Aborted": Signals.SIGABRT,
    "Illegal instruction": Signals.SIGILL,
    "Floating point exception": Signals.SIGFPE,
}
"""Signals as strsignal(3) calls them."""
_CALL = rf"(?P<call>{'|'.join(_CALLED)})(?: \(core dumped\))?"
_FORMS = tuple(
    re.compile(form, re.MULTILINE)
    for form in (
        rf"{_CALL} signal terminated program (?P<program>[\w.+-]+)",
        rf"fatal error: (?P<program>\S+) terminated with signal \d+ \[{_CALL}\]",
        rf"internal compiler error: {_CALL}(?: \(program (?P<program>[\w.+-]+)\))?",
        rf"^(?P<program>\S+?): (?:fatal )?error: unable to execute command: {_CALL}",
        rf"^\S*make(?:\[\d+\])?: \*\*\* \[[^\]\n]+\] {_CALL}$",
        rf"^(?:\S+: )?(?:line )?\d+:\s+\d+ {_CALL}\s+(?P<program>\S+)",
        rf"^{_CALL}$",
        rf"^qemu: uncaught target signal \d+ \({_CALL}\)",
        r"[Cc]ommand '(?:\[')?(?P<program>[^'\n]+)'[^\n]* died with <Signals\.(?P<name>SIG\w+): \d+>",
        r"`(?P<program>[^`\s]+)[^`\n]*`\s*\(signal: \d+, (?P<name>SIG\w+)",
        r"`(?P<program>[^`\n]+)` failed \(signal: \d+ \((?P<name>SIG\w+)\)\)",
        r"command '(?P<program>[^'\n]+)' (?:failed with exit (?:code|status)|terminated by signal) (?P<status>-?\d+)",
        r"[Cc]ommand '(?:\[')?(?P<program>[^'\n]+)'[^\n]* returned non-zero exit status (?P<status>\d+)",
        r"^\S*make(?:\[\d+\])?: \*\*\* \[[^\]\n]+\] Error (?P<status>\d+)$",
        r"^FAILED: \[code=(?P<status>-?\d+)\]",
    )
)
_MEMORY = re.compile(
    r"out of memory allocating \d+ bytes|virtual memory exhausted|memory exhausted$|Cannot allocate memory"
    r"|LLVM ERROR: out of memory|instance of 'std::bad_alloc'|^MemoryError\b|memory allocation of \d+ bytes failed"
    r"|error: OutOfMemory",
    re.MULTILINE,
)
_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_SHELL = 128
"""What shells add to the number of the signal that ended a program."""
_DEADLY = frozenset(_CALLED.values()) | {Signals.SIGTERM}
_DISK_ROOM = "A disk is full. Make room, for example with `crossbuild cache clear`, or set TMPDIR to another disk."
_ROOM = "Build with fewer jobs (-j 1), or give this machine more memory or swap."


@dataclass(frozen=True, kw_only=True)
class Killed:
    """A program that a signal ended."""

    program: str
    """Empty if nothing says which one it was."""
    signal: Signals

    def described(self, *, out_of_memory: bool) -> str:
        """Return what happened, as a sentence; ``out_of_memory``: the kernel killed something for that meanwhile."""
        subject = f"{self.program} was" if self.program else "A program that the build ran was"
        why = ""
        if self.signal == Signals.SIGKILL:
            why = ": this machine ran out of memory" if out_of_memory else ", most likely since memory ran out"
        return f"{subject} killed by {signal_text(self.signal)}{why}."


def signal_text(signal: Signals) -> str:
    """Return ``SIGSEGV (segmentation fault)``."""
    called = next((name for name, one in _CALLED.items() if one == signal), "")
    return f"{signal.name} ({called.lower()})" if called and signal != Signals.SIGKILL else signal.name


def signal_of(status: int) -> Signals | None:
    """Return the signal that ended a program with that exit status, or a program that a shell ran for it."""
    number = -status if status < 0 else status - _SHELL
    with suppress(ValueError):
        return Signals(number) if Signals(number) in _DEADLY else None
    return None


def killed_in(output: str) -> tuple[Killed, ...]:
    """Return the programs that ended by a signal, as ``output``, that of a whole build, says; each once."""
    text = COLOUR.sub("", output)
    found = dict.fromkeys(one for form in _FORMS for one in _said(form, text))
    # make and shells repeat, without a name, what a compiler driver has said of the program.
    named = {one.signal for one in found if one.program}
    return tuple(one for one in found if one.program or one.signal not in named)


def killed_lines(output: str, *, status: int = 0, out_of_memory: bool = False) -> tuple[str, ...]:
    """Return which programs were killed, a line each, or what they ran out of, and what to do; nothing if neither.

    ``status`` is that of the Python that made the ``output``, negative if a signal ended that.
    """
    own = signal_of(status) if status < 0 else None
    killed = killed_in(output)
    lines = [one.described(out_of_memory=out_of_memory) for one in killed]
    if Signals.SIGKILL in {own, *(one.signal for one in killed)}:
        why = "This machine ran out of memory." if out_of_memory else "Most likely memory ran out."
        return (*lines, *([why] if own and not lines else []), _ROOM)
    if own:
        return (*lines, "A compiled module that it imported crashed. Try another version with --build-constraint.")
    if killed:
        return (*lines, "A crash is a fault of that program or of this machine. Try another version of it.")
    if _MEMORY.search(output):
        return "The build ran out of memory.", _ROOM
    if _FULL.search(output):
        return (_DISK_ROOM,)
    return ("This machine ran out of memory meanwhile.", _ROOM) if out_of_memory else ()


def _said(form: re.Pattern[str], text: str) -> Iterator[Killed]:
    for match in form.finditer(text):
        groups = match.groupdict()
        name, call = groups.get("name") or "", groups.get("call") or ""
        signal = Signals.__members__.get(name) or _CALLED.get(call) or signal_of(int(groups.get("status") or 0))
        if signal:
            yield Killed(program=PurePath(groups.get("program") or "").name, signal=signal)


def oom_kills(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Return how many processes the kernel has killed so far for want of memory: of our cgroup, or of this machine."""
    with suppress(OSError, ValueError, StopIteration):
        own = next(line[4:] for line in _lines(proc / "self/cgroup") if line.startswith("0::/"))
        return _counted(groups / own / "memory.events")
    with suppress(OSError, ValueError, StopIteration):
        return _counted(proc / "vmstat")
    return 0


def _counted(file: Path) -> int:
    return next(int(line.split()[1]) for line in _lines(file) if line.startswith("oom_kill "))


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="ascii", errors="replace").splitlines()
