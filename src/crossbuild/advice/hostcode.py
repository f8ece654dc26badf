"""What a build ran or imported on this machine although it was built for the host, read from what the build printed.

The messages are those of CPython's import, of glibc's loader (it "cannot open" an ELF file for another machine), of
dash, bash and Python where the kernel says ENOEXEC, and CMake's of a ``try_run()``.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from crossbuild.toolchain.record import Invocation

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
_FRAME = re.compile(r'^\s*File "(?P<file>[^"<\n]+)", line (?P<line>\d+)', re.MULTILINE)

_FIX = (
    "Leave that step out with an option that the project has for it: -C cmake.define.OPTION=OFF, "
    "-C setup-args=-Doption=false or the like, or config-settings in the configuration. If it has none, the project "
    "has to leave the step out itself where CMAKE_CROSSCOMPILING or meson.is_cross_build() is true."
)


def made_files(record: Iterable[Invocation]) -> frozenset[str]:
    """Return the names of the files that the compilers, whose runs ``record`` holds, made for the host."""
    return frozenset(PurePath(run.output).name for run in record if run.output and run.status == 0)


def host_code_lines(output: str, made: Collection[str]) -> tuple[str, ...]:
    """Return which of the files ``made`` for the host the build used here, a line each, and what to do; else nothing.

    ``output`` is the whole output of the build. What is missing or broken without having been made is none of it.
    """
    used = tuple(dict.fromkeys((*_imported(output, made), *_loaded(output, made), *_run(output, made))))
    return (*used, *([_FIX] if used else []), *_asked(output))


def _imported(output: str, made: Collection[str]) -> Iterator[str]:
    for match in _MODULE.finditer(output):
        module = match["module"] or match["name"]
        file = next((name for name in sorted(made) if re.fullmatch(rf"{module}\.(?:.+\.)?so", name)), None)
        if file:
            yield _sentence("imported", file, _who(output[: match.start()]))


def _loaded(output: str, made: Collection[str]) -> Iterator[str]:
    for match in _LIBRARY.finditer(output):
        file = PurePath(match["file"]).name
        if file in made:
            yield _sentence("loaded", file, _who(output[: match.start()]))


def _run(output: str, made: Collection[str]) -> Iterator[str]:
    for match in _PROGRAM.finditer(output):
        file = PurePath(match[match.lastgroup or 0]).name
        if file in made:
            yield _sentence("ran", file, "")


def _asked(output: str) -> Iterator[str]:
    lists = (match["names"] for match in _TRY_RUN.finditer(output))
    if names := dict.fromkeys(name for text in lists for name in re.findall(r"(\w+) \(advanced\)", text)):
        yield f"CMake would run programs on the host to learn {', '.join(names)}."
        yield f"Answer for the host: {' '.join(f'-C cmake.define.{name}=…' for name in names)}"


def _sentence(verb: str, file: str, who: str) -> str:
    return f"The build {verb} {file}, which is for the host and cannot run on this machine{who}."


def _who(before: str) -> str:
    """Return where the last traceback of ``before`` ends, the import system left out."""
    traceback = before[before.rfind("Traceback (most recent call last):") :]
    frames = [match for match in _FRAME.finditer(traceback) if "/importlib/" not in match["file"]]
    if not frames:
        return ""
    file = frames[-1]["file"].rpartition("/site-packages/")[2]
    return f" (in {file}, line {frames[-1]['line']})"
