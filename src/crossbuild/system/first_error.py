"""The lines of a failed build's output that say why it failed: the first error that it did not get over.

The forms are those of gcc and gfortran 12, clang 21, GNU as and ld 2.40, lld, rustc and cargo 1.95, Cython 3, SWIG 4,
CMake 3.25 and 4.4, Meson 1.11, GNU make 4.3, ninja 1.13, SCons, autoconf 2.71, distutils and CPython.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING

from crossbuild.system.compiler_questions import PROBE, PROBE_COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_END = 20
"""The last lines, in which distutils says which command made it stop."""
_BEFORE, _BEHIND = 4, 8
"""The lines before an error that may belong to it, and those behind it."""
_LONGEST = 20
"""The lines that Cython needs to say an error."""
_REASON = 40
"""How far before a message the reason for it, or the command that it is about, may be."""

_PREFIX = r"^(?:\S+\| |cargo:warning=|warning: \S+: )?"
_LOCATED = re.compile(
    _PREFIX + r"(?P<source>[^\s:(][^:(\n]*)(?::\d+(?:[.:-]\d+)*:?|\(\d+(?:,\d+)?\)\s*:)\s+"
    r"(?:fatal |Fatal |internal compiler )?(?:error|Error|ERROR)(?: \w+)?:"
)
"""What compilers, assemblers, generators and Meson say of a line of a source."""
_LINKED = re.compile(
    r"(?:undefined reference to|cannot find -l\S|multiple definition of|file not recognized|undefined symbol: |"
    r"final link failed|relocation R_\w+ .*can ?not be used|^collect2: (?:fatal )?error: )"
)
_SURE = re.compile(
    r"^(?:error\[\w+\]: |Error compiling Cython file:|CMake Error\b)|" + _PREFIX + r"\S*meson\.build:\d+:\d+: ERROR: "
)
"""What is not said of anything that a build gets over."""
_STOPPED = re.compile(r"^(?:FAILED: |(?:\S*make(?:\[\d+\])?|scons): \*\*\* (?!.*\(ignored\)|Waiting for))")
"""What make, ninja and SCons say when they stop."""
_TARGET = re.compile(r"^\S*make(?:\[\d+\])?: \*\*\* \[(?:[^\]]*: )?(?P<target>[^\]\s]+)\] .*")
"""What make says that it could not make."""
_COMMAND_FAILED = re.compile(
    r"^error: [Cc]ommand '.*(?:failed(?: with exit (?:code|status) \d+)?|terminated by signal \d+"
    r"|returned non-zero exit status \d+\.)$"
)
"""What distutils says of a command that failed, which has said why itself."""
_NOT_RUN = re.compile(
    r"^(?:\S*make(?:\[\d+\])?|(?:\S*/)?\w*sh(?:: (?:line )?\d+)?): (?!\*\*\*).*"
    r"(?:not found|No such file or directory|Permission denied|Exec format error)$"
)
"""What make and shells say of a program that they could not run."""
_SAID = re.compile(
    r"^(?!collect2: |ERROR: ld\.so: )(?:[^\s:]+: )?(?:fatal |Fatal )?(?:error|Error|ERROR): "
    r"|(?:.*\s)?Traceback \(most recent call last\):$"
)
"""What any program may say of an error that its caller gets over. A question stands before it, if nobody answered."""
_CYTHON_PLACE = re.compile(r"^\S+\.p(?:yx|xd|xi|y):\d+:\d+: ")
_RUST_PLACE, _FORTRAN_PLACE = re.compile(r"^\s*--> |^\s+\|$"), re.compile(r"^[^\s:][^:]*:\d+:\d+:$")
_CONTEXT = re.compile(
    r"^(?:In file included from |\s+from )|^[^\s:].*: (?:[Ii]n |Assembler messages:|\s+(?:recursively )?required )"
    r"|^(?:\S*[/-])?ld(?:\.\w+)?: (?!warning)"
)
"""The lines before an error of a compiler or a linker that lead to it."""
_COMPILER_COPY = re.compile(r"^/(?:\S+/)?cc[A-Za-z0-9]{6}\.(?:o|s|ltrans\S*)$")
"""What gcc calls its own temporary files."""
_COMMAND = re.compile(r"^(?:\S*/)?(?:[\w.]+-)*(?:gcc|g\+\+|cc|c\+\+|clang(?:\+\+)?|gfortran)(?:-[\d.]+)? .*-[co] ?\S")
_CALLED = re.compile(rf"{_COMMAND.pattern}|^: && ")
"""A command line of a compiler, or what CMake lets a shell do to link."""
_CHECKING = re.compile(r"^(?:configure: )?checking ")
_RUNNING = re.compile(r"^running \w+$")
"""What distutils says before each of its commands: it got over all errors before it."""
_CONFIGURED = re.compile(r"^-- (?:Configuring done|Build files have been written)")
_STEP = re.compile(
    rf"{_CHECKING.pattern}|{_COMMAND.pattern}"
    r"|^(?:building '|copying |creating |adding '|-- |\[\d+/\d+\] |\s*Compiling \S+ v\d)"
)
"""What shows that a build went on."""
_OPTIONAL = re.compile(r"(?i)^warning: \S*:? ?building extension \S+ failed: ")
"""What setuptools says of an extension that failed, and may."""
_OF_DISTUTILS = re.compile(r"^error: [Cc]ommand '|(?:CompileError|LinkError): command '")
_OVER = re.compile(
    rf"{_STEP.pattern}|{_STOPPED.pattern}|{_OF_DISTUTILS.pattern}|{_RUNNING.pattern}"
    r"|^Traceback \(most recent call last\):"
    r"|^(?:\d+ (?:warnings?|errors?)\b.* generated|(?:compilation|ninja|scons)\b.*(?:terminated|stopped))"
    r"|^collect2: error: ld returned "
    r"|^(?:writing|reading|removing|byte-compiling|\*\*\*|\w*make(?:\[\d+\])?:) "
)
"""What is not part of any error: what build tools do, and that they stopped."""
_BELONGS = re.compile(r"^(?:\s|>>> |\d+ +\||Call Stack|Caused by:|The following exception|Running `)|^\S.*: note: ")
"""The lines after an error of a compiler, of CMake or of Meson that are about it."""
_CARET = re.compile(r"^\s*[~^][~^\s|]*$")


@dataclass(frozen=True, kw_only=True)
class BuildOutput:
    """The lines of an output that are not blank, without colours."""

    lines: Sequence[str]

    @cached_property
    def first_error(self) -> int | None:
        """The line that says the first error that the build did not get over; None if there is none in known words."""
        place = next(self._places(), None)
        if place is None:
            return None
        place = self._of_target(place)
        is_of_another = _STOPPED.match(self.lines[place]) or _COMMAND_FAILED.match(self.lines[place])
        return self._reason(place) if is_of_another else place

    def errors_after(self, place: int) -> Iterator[int]:
        """Yield the lines behind ``place`` that say further errors of what said the first."""
        for told in self._places():
            if told < place:
                continue
            if any(map(_OVER.match, self.lines[place : self.start(told)])) or not self.is_of_compiler(told):
                return
            yield told

    def is_of_compiler(self, place: int) -> bool:
        """Return whether a compiler, a linker or a build system said that, in a form that shows where it ends."""
        line = self.lines[place]
        return not line.startswith("collect2: error: ") and bool(
            _SURE.match(line) or _LOCATED.match(line) or _LINKED.search(line) or self._is_of_rust(place)
        )

    def is_traceback(self, place: int) -> bool:
        """Return whether a traceback of Python begins in that line."""
        return self.lines[place].endswith("Traceback (most recent call last):")

    def is_over(self, place: int) -> bool:
        """Return whether that line is part of no error: a build tool goes on, or says that it stopped."""
        is_failed_command = place > 0 and self.lines[place - 1].startswith("FAILED: ")
        return is_failed_command or bool(_OVER.search(self.lines[place]))

    def command(self, place: int) -> str:
        """Return the command of the compiler that said the error in that line; empty if it was not printed."""
        start, located = self.start(place), _LOCATED.match(self.lines[place])
        if self.lines[place].startswith("FAILED: "):
            return next(iter(self.lines[place + 1 : place + 2]), "")
        for n in range(start - 1, max(-1, start - _REASON), -1):
            line = self.lines[n]
            if _CALLED.match(line) and (located is None or self._compiles(line, range(start, place + 1))):
                return line if located or _LINKED.search(self.lines[place]) or n == start - 1 else ""
        return ""

    def start(self, place: int) -> int:
        """Return where that begins what leads to the error."""
        line, nearest = self.lines[place], max(0, place - _BEFORE)
        if line.startswith("FAILED: "):
            return place
        if _STOPPED.match(line):
            return next((n for n in range(nearest, place) if not self.is_over(n)), place)
        if _COMMAND_FAILED.match(line) or line.startswith("collect2: "):
            before = range(place - 1, nearest - 1, -1)
            return next((n + 1 for n in before if self.is_over(n) or _CALLED.match(self.lines[n])), nearest)
        if _SAID.match(line):
            return next((n for n in range(nearest, place) if _FORTRAN_PLACE.match(self.lines[n])), place)
        start = place
        while start > nearest and _CONTEXT.match(self.lines[start - 1]):
            start -= 1
        return start

    def stop(self, place: int) -> int:
        """Return where that ends what belongs to the error: Cython shows the source before it says what is wrong."""
        stop = min(place + _BEHIND, len(self.lines))
        if self.lines[place].startswith("Error compiling Cython"):
            ahead = range(place, min(place + _LONGEST, len(self.lines)))
            return next((n + 1 for n in ahead if _CYTHON_PLACE.match(self.lines[n])), stop)
        begin = place + 2 if self.lines[place].startswith("FAILED: ") else place + 1
        is_part = self._belongs if self.is_of_compiler(place) else lambda n: not self.is_over(n)
        return next((n for n in range(min(begin, stop), stop) if not is_part(n)), stop)

    def _belongs(self, place: int) -> bool:
        """Return whether that line goes on with an error of a compiler."""
        if self.is_over(place):
            return False
        # Some compilers show the source as it is, and point at the place in the line below.
        return bool(_BELONGS.match(self.lines[place]) or any(map(_CARET.match, self.lines[place : place + 2])))

    def _compiles(self, command: str, told: range) -> bool:
        """Return whether ``command`` names the source of an error, or one that includes that."""
        named = set(re.findall(r"[^\s/:'\"]+\.\w+", command))
        return any(named.intersection(re.findall(r"[^\s/:'\"]+\.\w+", self.lines[n])) for n in told)

    def _of_target(self, place: int) -> int:
        """Return the first error that is about what make could not make, if that is told; else ``place``."""
        stopped = next((n for n in range(place, len(self.lines)) if _TARGET.match(self.lines[n])), None)
        if stopped is None or stopped == place:
            return place
        stem = PurePath(re.sub(_TARGET, r"\g<target>", self.lines[stopped])).name.partition(".")[0]
        of_target = re.compile(rf"(?:^|[\s/]){re.escape(stem)}\.\w+:")
        for told in (n for n in self._places() if n < stopped and not _STOPPED.match(self.lines[n])):
            if any(map(of_target.search, self.lines[self.start(told) : told + 1])):
                return told
        return place

    def _places(self) -> Iterator[int]:
        """Yield the lines that say an error which the build did not get over, the first first."""
        last_check, last_step, last_configured = map(self._last, (_CHECKING, _STEP, _CONFIGURED))
        failed = next((n for n, line in enumerate(self.lines) if line.startswith("FAILED: ")), 0)  # ninja says it first
        begin = max(self._begin_of_the_last_command, self._last(_RUNNING) + 1, failed)
        for place in range(begin, len(self.lines)):
            line = self.lines[place]
            is_sure = bool(_STOPPED.match(line) or (place > last_configured and _SURE.match(line)))
            is_told = is_sure or (place > last_check and self._is_told(place))
            if (is_told or (place > last_step and _SAID.match(line))) and not self._is_survived(place):
                yield place

    def _last(self, form: re.Pattern[str], stop: int | None = None) -> int:
        """Return the last line, before ``stop``, that has the ``form``; -1 if there is none."""
        return max((place for place, line in enumerate(self.lines[:stop]) if form.match(line)), default=-1)

    def _is_told(self, place: int) -> bool:
        """Return whether the line is a compiler's or linker's, and not about a question to it."""
        line = self.lines[place]
        if located := _LOCATED.match(line):
            source = located["source"]
            return not (self._after_a_probe(place) if _COMPILER_COPY.match(source) else PROBE.search(source))
        if _LINKED.search(line):
            return not self._after_a_probe(place)
        if not _SAID.match(line):
            return False
        if line.startswith("configure: "):
            return True
        near = self.lines[max(0, place - _BEFORE) : place]
        return self._is_of_rust(place) or any(map(_FORTRAN_PLACE.match, near))

    def _is_of_rust(self, place: int) -> bool:
        return bool(_SAID.match(self.lines[place])) and any(map(_RUST_PLACE.match, self.lines[place + 1 : place + 2]))

    def _after_a_probe(self, place: int) -> bool:
        near = reversed(self.lines[max(0, place - _REASON) : place])
        command = next((line for line in near if _COMMAND.match(line)), "")
        return bool(PROBE_COMMAND.search(command))

    def _is_survived(self, place: int) -> bool:
        """Return whether it is about an extension that may fail, and did."""
        return any(place in part for part in self._optional)

    @cached_property
    def _optional(self) -> list[range]:
        ends = [n for n, line in enumerate(self.lines) if _OPTIONAL.match(line)]
        starts = [n for n, line in enumerate(self.lines) if line.startswith("building '")]
        return [range(max((n for n in starts if n < end), default=0), end + 1) for end in ends]

    @property
    def _begin_of_the_last_command(self) -> int:
        """Return where the command begins that made distutils stop; 0 if it did not, or it does not say."""
        if not any(map(_OF_DISTUTILS.search, self.lines[-_END:])) or any(map(_STOPPED.match, self.lines)):
            return 0
        last = max(0, self._last(_COMMAND))
        return last if any(self._is_told(n) for n in range(last, len(self.lines))) else 0

    def _reason(self, place: int) -> int:
        """Return what make, ninja or distutils, which stopped in that line, stopped for, if anybody said so."""
        if self.lines[place].startswith("FAILED: "):
            return next((n for n in self._places() if n > place and not _STOPPED.match(self.lines[n])), place)
        if _COMMAND_FAILED.match(self.lines[place]):  # distutils runs one command after another
            earlier, unknown = range(place - 1, self._last(_STEP, place), -1), self.start(place)
        else:
            earlier, unknown = range(place - 1, max(-1, place - _REASON), -1), place
        return next((n for n in earlier if self._is_reason(n, place)), unknown)

    def _is_reason(self, line: int, place: int) -> bool:
        is_not_run = line >= place - _BEFORE and bool(_NOT_RUN.match(self.lines[line]))
        return is_not_run or (bool(_SAID.match(self.lines[line])) and not self._after_a_probe(line))
