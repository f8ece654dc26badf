"""What a build ran or imported on this machine although it was built for the host, read from what the build printed.

The messages are those of CPython's import, of glibc's loader (it "cannot open" an ELF file for another machine), of
dash, bash and Python where the kernel says ENOEXEC, CMake's of a ``try_run()``, Meson's of what it would run, and
autoconf's of ``AC_RUN_IFELSE`` without an answer for those who cross-compile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from crossbuild.toolchain.compile_record import Invocation

_T = TypeVar("_T")
_MOST = 3
"""As many are named."""
EMULATE = "Add --emulate {}: an emulator runs it then, which is downloaded if need be."
"""What to do about host code at a level."""
_MODULE = re.compile(
    r"^\s*(?:ModuleNotFoundError: No module named '(?:\w+\.)*(?P<module>\w+)'"
    r"|ImportError: cannot import name '(?P<name>\w+)' from )",
    re.MULTILINE,
)
_LIBRARY = re.compile(
    r"^\s*(?:ImportError|OSError): (?P<file>/[^:\n]+): "
    r"(?:cannot open shared object file|wrong ELF class|invalid ELF header|ELF file data encoding)",
    re.MULTILINE,
)
# A shell that is not told that it cannot run a program takes it for a script, and stumbles in its first lines; CMake
# calls a program that it cannot run by its bare name.
_PROGRAM = re.compile(
    r"Exec format error: '(?P<quoted>[^'\n]+)'"
    r"|(?P<file>[^\s:']+): (?:cannot execute(?: binary file)?: )?Exec format error"
    r"|^(?P<script>(?!\S*\bsh:)[^\s:]+): \d+: "
    r"|\bsh: (?:(?:line )?\d+: )?(?P<bare>[^\s:/]+): (?:command )?not found",
    re.MULTILINE,
)
_TRY_RUN = re.compile(
    r"try_run\(\) invoked in cross-compiling mode[^\n]*\n(?P<names>(?:\s+\w+ \(advanced\)\n)+)", re.IGNORECASE
)
# Colours may surround the word ERROR.
_EXE_WRAPPER = re.compile(r"An exe_wrapper is needed for (?P<program>.+?) but was not found")
_TEST_APPLICATION = re.compile(
    r"^(?:\S+\| )?(?P<file>\S*meson\.build):(?P<line>\d+):.*Can not run test applications in this cross environment",
    re.MULTILINE,
)
_RUN_IFELSE = re.compile(r"^configure: error: cannot run test program while cross compiling", re.MULTILINE)
_OF_PYTHON = re.compile(
    r"/python3\.\d+t?/(?:importlib|ctypes|subprocess|_crossbuild)\b(?!.*/site-packages/)|/importlib/"
)
_FRAME = re.compile(r'^\s*File "(?P<file>[^"<\n]+)", line (?P<line>\d+)', re.MULTILINE)

_FIX = (
    "Leave that step out with an option that the project has for it: -C cmake.define.OPTION=OFF, "
    "-C setup-args=-Doption=false or the like, or config-settings in the configuration. If it has none, the project "
    "has to leave the step out itself where CMAKE_CROSSCOMPILING, meson.is_cross_build() or, in Python, "
    'hasattr(sys, "cross_compiling") is true.'
)
_FIX_OF_MESON = (
    "Leave that step out with an option of the project (-C setup-args=-Doption=false). If it has none, change the "
    "project: build programs that run during the build with native: true, and run others only if "
    "meson.can_run_host_binaries()."
)
_FIX_OF_CONFIGURE = (
    "Give ./configure the answer: --env NAME=ANSWER, by the name of the variable that its config.log shows, "
    "such as example_cv_stack_grows."
)


@dataclass(frozen=True, kw_only=True)
class Use:
    """Something that was executed or loaded on this machine although it is for the host."""

    verb: str
    """``ran``, ``imported`` or ``loaded``."""
    file: str
    who: str = ""
    """A line of code, ``setup.py, line 3``, or a command; empty if it is not known."""

    @property
    def name(self) -> str:
        """The name of the file, without its directory."""
        return PurePath(self.file).name


def each_once(uses: Iterable[Use]) -> tuple[Use, ...]:
    """Return each use of ``uses`` once, those with a line of code before others of the same file."""
    found: dict[tuple[str, str], Use] = {}
    for use in uses:
        earlier = found.setdefault((use.verb, use.name), use)
        if ", line " in use.who and ", line " not in earlier.who:
            found[use.verb, use.name] = use
    return tuple(found.values())


def made_files(record: Iterable[Invocation]) -> frozenset[str]:
    """Return the names of the files that the compilers, whose runs ``record`` holds, made for the host."""
    return frozenset(PurePath(run.output).name for run in record if run.output and run.status == 0)


@dataclass(frozen=True, kw_only=True)
class HostCode:
    """What a build ran or loaded on this machine although it is for the host, and what it would have to run."""

    uses: tuple[Use, ...] = ()
    asked: tuple[str, ...] = ()
    """The variables of CMake that the exit statuses of programs would answer."""
    programs: tuple[str, ...] = ()
    """Those that Meson would run."""
    tests: tuple[tuple[str, str], ...] = ()
    """The files and lines in which Meson would compile a program and run it."""
    configure: bool = False
    """Whether a configure script had to run a program."""

    @classmethod
    def from_output(cls, output: str, made: Collection[str], noticed: Iterable[Use] = ()) -> Self:
        """Read the whole ``output`` of a build.

        ``made`` are the files that it made for the host; what is missing or broken without having been made is none of
        it. ``noticed`` are further uses.
        """
        lists = (match["names"] for match in _TRY_RUN.finditer(output))
        return cls(
            uses=each_once((*noticed, *uses_in(output, made))),
            asked=_once(name for text in lists for name in re.findall(r"(\w+) \(advanced\)", text)),
            programs=_once(PurePath(match["program"]).name for match in _EXE_WRAPPER.finditer(output)),
            tests=_once((match["file"], match["line"]) for match in _TEST_APPLICATION.finditer(output)),
            configure=_RUN_IFELSE.search(output) is not None,
        )

    @property
    def level(self) -> str:
        """What of the build has to be emulated for that: ``none``, ``programs``, or ``python`` for what it loads."""
        if any(use.verb != "ran" for use in self.uses):
            return "python"
        needs = self.uses or self.asked or self.programs or self.tests or self.configure
        return "programs" if needs else "none"

    @property
    def is_asked_by_tools(self) -> bool:
        """Whether CMake or Meson would run it, which can be told of an emulator."""
        return bool(self.asked or self.programs or self.tests)

    def __str__(self) -> str:
        """Return what it is, in a few words each; of many, how many more there are."""
        asked = [f"CMake's questions {', '.join(self.asked)}"] if self.asked else []
        tests = (f"a test program ({file}, line {line})" for file, line in self.tests)
        uses = (f"{use.name}{f' ({use.who})' if use.who else ''}" for use in self.uses)
        configure = ["a test program of a configure script"] if self.configure else []
        words = [*uses, *asked, *self.programs, *tests, *configure]
        more = [f"{len(words) - _MOST} more"] if len(words) > _MOST else []
        return ", ".join((*words[:_MOST], *more))


def host_code_lines(
    output: str, made: Collection[str], noticed: Iterable[Use] = (), *, emulate: str = ""
) -> tuple[str, ...]:
    """Return which of the files ``made`` for the host the build used here, a line each, and what to do; else nothing.

    The arguments are those of :meth:`HostCode.from_output`. ``emulate`` is a line about an emulator, which has a place
    for the level.
    """
    code = HostCode.from_output(output, made, noticed)
    used, meson = tuple(_sentences(code.uses)), tuple(_sentences_of_meson(code))
    asked = [f"CMake would run programs on the host to learn {', '.join(code.asked)}."] if code.asked else []
    configure = ["A configure script would run a test program on the host."] if code.configure else []
    return (
        *(*used, *asked, *meson, *configure),
        *([emulate.format(code.level)] if emulate and code.level != "none" else []),
        *([_FIX] if used else []),
        *([f"Answer for the host: {' '.join(f'-C cmake.define.{name}=…' for name in code.asked)}"] if asked else []),
        *([_FIX_OF_MESON] if meson else []),
        *([_FIX_OF_CONFIGURE] if configure else []),
    )


def _once(found: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(found))


def uses_in(output: str, made: Collection[str]) -> tuple[Use, ...]:
    """Return the uses of the files ``made`` for the host that ``output`` tells of."""
    return each_once((*_imported(output, made), *_loaded(output, made), *_run(output, made)))


def _imported(output: str, made: Collection[str]) -> Iterator[Use]:
    for match in _MODULE.finditer(output):
        module = match["module"] or match["name"]
        # Whatever the suffix: `.cpython-311-aarch64-linux-gnu.so`, `.abi3.so` or `.so` alone.
        file = next((name for name in sorted(made) if re.fullmatch(rf"{module}\.(?:.+\.)?so", name)), None)
        if file:
            yield Use(verb="imported", file=file, who=_who(output[: match.start()]))


def _loaded(output: str, made: Collection[str]) -> Iterator[Use]:
    for match in _LIBRARY.finditer(output):
        file = PurePath(match["file"]).name
        if file in made:
            yield Use(verb="loaded", file=file, who=_who(output[: match.start()]))


def _run(output: str, made: Collection[str]) -> Iterator[Use]:
    for match in _PROGRAM.finditer(output):
        file = PurePath(match[match.lastgroup or 0]).name
        if file in made:
            yield Use(verb="ran", file=file)


def _sentences_of_meson(code: HostCode) -> Iterator[str]:
    for program in code.programs:
        yield f"Meson would run {program}, which is for the host and cannot run on this machine."
    for file, line in code.tests:
        yield f"Meson would run a test program on the host (in {file}, line {line})."


def _sentences(uses: Sequence[Use]) -> Iterator[str]:
    yield from map(_sentence, uses[:_MOST])
    if len(uses) > _MOST:
        yield f"It used {len(uses) - _MOST} more files that are for the host."


def _sentence(use: Use) -> str:
    who = f" (in {use.who})" if ", line " in use.who else f" ({use.who})" if use.who else ""
    return f"The build {use.verb} {use.name}, which is for the host and cannot run on this machine{who}."


def _who(before: str) -> str:
    """Return where the last traceback of ``before`` ends, Python's own parts left out."""
    traceback = before[before.rfind("Traceback (most recent call last):") :]
    frames = [match for match in _FRAME.finditer(traceback) if not _OF_PYTHON.search(match["file"])]
    if not frames:
        return ""
    # The innermost frame: what is above it only called it.
    file = frames[-1]["file"].rpartition("/site-packages/")[2]
    return f"{file}, line {frames[-1]['line']}"
