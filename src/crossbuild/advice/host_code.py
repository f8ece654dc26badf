"""What a build ran or imported on this machine although it was built for the host, read from what the build printed.

The messages are those of CPython's import, of glibc's loader (it "cannot open" an ELF file for another machine), of
dash, bash and Python where the kernel says ENOEXEC, CMake's of a ``try_run()``, and Meson's of what it would run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from crossbuild.toolchain.compile_record import Invocation

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


def host_code_lines(
    output: str, made: Collection[str], noticed: Iterable[Use] = (), *, emulate: str = ""
) -> tuple[str, ...]:
    """Return which of the files ``made`` for the host the build used here, a line each, and what to do; else nothing.

    ``output`` is the whole output of the build. What is missing or broken without having been made is none of it.
    ``noticed`` are further uses. ``emulate`` says how to have programs emulated, if they are not.
    """
    uses = each_once((*noticed, *uses_in(output, made)))
    asked, of_meson = _asked_by_cmake(output), list(_programs_of_meson(output))
    needs_programs = any(use.verb == "ran" for use in uses) or asked or of_meson
    return (
        *(*map(_sentence, uses), *_questions(asked), *of_meson),
        *([emulate] if emulate and needs_programs else []),
        *([_FIX] if uses else []),
        *([f"Answer for the host: {' '.join(f'-C cmake.define.{name}=…' for name in asked)}"] if asked else []),
        *([_FIX_OF_MESON] if of_meson else []),
    )


def programs_needed(output: str, made: Collection[str], noticed: Iterable[Use] = ()) -> tuple[str, ...]:
    """Return which programs for the host the build ran here, or would run, a few words each; arguments are the same.

    Not what it imported or loaded, which takes more than running a program.
    """
    used = [use for use in each_once((*noticed, *uses_in(output, made))) if use.verb == "ran"]
    asked = [f"CMake's questions {', '.join(names)}"] if (names := _asked_by_cmake(output)) else []
    programs, tests = _of_meson(output)
    return (
        *(f"{use.name}{f' ({use.who})' if use.who else ''}" for use in used),
        *asked,
        *(PurePath(program).name for program in programs),
        *(f"a test program ({file}, line {line})" for file, line in tests),
    )


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


def _questions(names: Collection[str]) -> list[str]:
    return [f"CMake would run programs on the host to learn {', '.join(names)}."] if names else []


def _asked_by_cmake(output: str) -> list[str]:
    lists = (match["names"] for match in _TRY_RUN.finditer(output))
    return list(dict.fromkeys(name for text in lists for name in re.findall(r"(\w+) \(advanced\)", text)))


def _of_meson(output: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the programs that Meson does not run, and where it would compile and run a test program."""
    programs = dict.fromkeys(match["program"] for match in _EXE_WRAPPER.finditer(output))
    tests = dict.fromkeys((match["file"], match["line"]) for match in _TEST_APPLICATION.finditer(output))
    return list(programs), list(tests)


def _programs_of_meson(output: str) -> Iterator[str]:
    programs, tests = _of_meson(output)
    for program in programs:
        yield f"Meson would run {PurePath(program).name}, which is for the host and cannot run on this machine."
    for file, line in tests:
        yield f"Meson would run a test program on the host (in {file}, line {line})."


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
