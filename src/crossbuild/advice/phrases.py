"""What compilers, linkers, build systems and setup scripts say of what they did not find.

The forms were taken from the output of gcc 12, clang 21 (zig 0.17), GNU ld 2.40 and gold, lld, pkgconf 1.8 and 3.0,
CMake 3.25 and 4.4, Meson 1.11, GNU make 4.3, dash, bash and CPython's subprocess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["header", "library", "module", "cmake", "program", "compiler"]


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """A form of words."""

    kind: Kind | Literal["word"]
    """What it says is lacking; ``word`` is whatever a person may mean by it: a header or a library."""
    pattern: re.Pattern[str]
    """Its group ``name`` is what lacks; ``names`` are several of it; ``source`` is the file that asked."""
    decisive: bool
    """Whether whoever says so stops there."""
    each: re.Pattern[str] = re.compile(r"(?<![\w.+-])(?!(?:and|or|the)\b)[A-Za-z][\w.+-]*")
    """What one of ``names`` looks like."""


def _phrase(kind: Kind | Literal["word"], pattern: str, *, decisive: bool = True, each: str = "") -> Phrase:
    compiled = re.compile(pattern, re.MULTILINE)
    if each:
        return Phrase(kind=kind, pattern=compiled, decisive=decisive, each=re.compile(each))
    return Phrase(kind=kind, pattern=compiled, decisive=decisive)


_PROGRAM = r"(?P<name>[A-Za-z][\w.+-]*)"
_WORD = r"(?P<name>[A-Za-z](?:[\w.+/-]*\w)?)"
_WORDS = r"(?P<names>[\w.+-]+(?:(?:,? and |, )[\w.+-]+)*)"
_DEVELOPMENT = r"development (?:packages?|files|headers|libraries)"

# CMake indents the text of an error by two blanks and wraps it; paragraphs are parted by empty lines.
_CMAKE_ERROR = r"^CMake Error\b[^\n]*\n(?:(?: [^\n]*)?\n)*?[ ]*"
_NOT_FOUND = r"Could NOT\s+find\s+(?P<name>[A-Za-z]\w*+)(?![^()]*\(missing:\s+\w+_EXECUTABLE\b)"
_NO_EXECUTABLE = r"Could NOT\s+find\s+\w+[^()\n]*\(missing:\s+(?P<name>\w+)_EXECUTABLE\b"
_NO_CONFIG = r'Could not\s+find\s+a\s+package\s+configuration\s+file\s+provided\s+by\s+"(?P<name>[^"]+)"'
_NAMES = r"Could not find \S+ using the following\s+(?:names|files):\s+(?P<name>[^\s,]+)"

COMPILERS = (
    _phrase(
        "header", r"^(?P<source>[^\s:][^:\n]*):\d+(?::\d+)?: fatal error: (?P<name>\S+): No such file or directory"
    ),
    _phrase("header", r"^(?P<source>[^\s:][^:\n]*):\d+(?::\d+)?: fatal error: '(?P<name>[^'\n]+)' file not found"),
    _phrase("library", r"cannot find -l(?::lib)?(?P<name>[^\s:]+)"),
    _phrase("library", r"(?:unable to find library|library not found for) -l(?::lib)?(?P<name>[^\s:'\"]+)"),
    _phrase("library", r"unable to find (?:\w+ )?system library ['\"](?:lib(?=\S+\.so))?(?P<name>[^'\"]+)['\"]"),
)
PKG_CONFIG = (
    _phrase(
        "module", r"^[^\w\n]*Package '?(?P<name>[^\s']+)'? was not found in the pkg-config search path", decisive=False
    ),
    _phrase("module", r"No package '(?P<name>[^']+)' found", decisive=False),
    _phrase("module", r"Package '(?P<name>[^\s']+)'(?:, required by '[^'\n]*',)? not found", decisive=False),
    _phrase("module", r"Package requirements \((?P<names>[^)]+)\) were not met"),
    _phrase("module", r"PackageNotFoundError: (?P<name>[\w.+-]+) not found"),
    _phrase("module", r"The system library `(?P<name>[^`\s]+)` required by crate `[^`]+` was not found"),
    _phrase("module", r"The file `(?P<name>[^`\s]+)\.pc` needs to be installed"),
)
MESON = (
    _phrase("module", r"ERROR: Dependency [\"'](?P<name>[^\"']+)[\"'] not found"),
    _phrase("module", r"^Run-time dependency (?P<name>\S+)(?: \([^)]*\))? found: NO", decisive=False),
    _phrase("library", r"ERROR: \S+ (?:shared or static|shared|static) library '(?P<name>[^']+)' not found"),
    _phrase("library", r"^Library (?P<name>\S+) found: NO", decisive=False),
    _phrase("header", r"ERROR: \S+ header '(?P<name>[^']+)' not (?:found|usable)"),
    _phrase("program", r"ERROR: Program '(?P<name>[^'\s]+)[^'\n]*' not found"),
)
CMAKE = (
    _phrase("cmake", _CMAKE_ERROR + _NOT_FOUND),
    _phrase("cmake", _NOT_FOUND, decisive=False),
    _phrase("cmake", _CMAKE_ERROR + _NO_CONFIG),
    _phrase("cmake", _NO_CONFIG, decisive=False),
    _phrase("program", _CMAKE_ERROR + _NO_EXECUTABLE),
    _phrase("program", _NO_EXECUTABLE, decisive=False),
    _phrase("module", r"The following required packages were not found:\s+(?P<names>(?:\s*- \S+\n)+)"),
    _phrase("module", r"None of the required '(?P<names>[^']+)' found"),
    _phrase(
        "module",
        r"(?P<names>(?:^-- +(?:No package|Package) '[^']+'[^\n]*\n)+)"
        r"CMake Error at [^\n]*FindPkgConfig\.cmake:[^\n]*\n\s+A required package was not found",
        each=r"(?<=ackage ')[^']+",
    ),
    _phrase("program", r"\(find_program\):\s+" + _NAMES),
    _phrase("library", r"\(find_library\):\s+" + _NAMES),
    _phrase("header", r"\(find_(?:path|file)\):\s+" + _NAMES),
)
PROGRAMS = (
    _phrase("program", rf"\b(?:ba|da|a)?sh: (?:(?:line )?\d+: )?{_PROGRAM}: (?:command )?not found\b", decisive=False),
    _phrase("program", rf"^\S+: (?:line )?\d+: {_PROGRAM}: (?:command )?not found$", decisive=False),
    _phrase("program", rf"^\S*make(?:\[\d+\])?: {_PROGRAM}: No such file or directory$"),
    _phrase("program", rf"\benv: ['\u2018]?{_PROGRAM}['\u2019]?: No such file or directory$"),
    # Only starting a program, as the lines of the traceback show: other files may be missing, too.
    _phrase(
        "program",
        r"_execute_child\n(?:[ ]{2}[^\n]*\n)+"
        rf"FileNotFoundError: \[Errno 2\] No such file or directory: '{_PROGRAM}'",
    ),
    _phrase("program", rf"^error: command '{_PROGRAM}' failed: No such file or directory"),
    _phrase("program", rf"\b(?:run|execut|start)\w* ['\"`]?{_PROGRAM}\b[^\n]*\[Errno 2\] No such file or directory"),
    _phrase("program", rf"^(?:[Ee]rror: )?['\"]?{_PROGRAM}['\"]? executable not found"),
    _phrase("program", rf"^is `{_PROGRAM}` not installed\?"),
    _phrase("program", rf"Could not find `{_PROGRAM}`"),
)
FORTRAN = (
    _phrase("compiler", r"'(?P<name>fortran)' compiler binary not defined in cross file"),
    _phrase("compiler", r"No CMAKE_(?P<name>Fortran)_COMPILER could be found"),
    _phrase("compiler", r"(?i:no (?:\w+ )?(?P<name>Fortran) compiler (?:was )?(?:found|available))"),
)
_CONFIGURE = r"^configure: error: (?:[Tt]he )?"
SENTENCES = (
    _phrase("word", rf"{_CONFIGURE}(?:cannot|could not|can't|couldn't|unable to) find (?:the )?{_WORD}(?=[\s.,;!]|$)"),
    _phrase(
        "word",
        rf"{_CONFIGURE}{_WORD}(?: (?:library|libraries|headers?|files?|development|and))*"
        r"(?: was| were| is| are)? (?:not found|missing|required)",
    ),
    _phrase("word", rf"headers or library files could not be found for {_WORD}"),
    _phrase("word", rf"make sure (?:that )?(?:the )?{_WORDS} {_DEVELOPMENT} (?:is|are) (?:\w+ )?installed"),
    _phrase("word", rf"make sure (?:that )?(?:the )?{_DEVELOPMENT} (?:of|for) {_WORDS} (?:is|are) (?:\w+ )?installed"),
)
PHRASES = (*COMPILERS, *PKG_CONFIG, *MESON, *CMAKE, *PROGRAMS, *FORTRAN, *SENTENCES)
