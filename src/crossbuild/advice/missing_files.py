"""What a build lacked, read from what it printed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crossbuild.advice.phrases import PHRASES
from crossbuild.system.compiler_questions import COLOUR, PROBE, PROBE_COMMAND
from crossbuild.toolchain.fortran import FORTRAN_COMPILER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crossbuild.advice.phrases import Kind, Phrase

_IN_WORDS = {
    "header": "the header {}",
    "library": "the library -l{}",
    "module": "the pkg-config module {}",
    "cmake": "the CMake package {}",
    "program": "the program {}",
    "compiler": "a {} compiler for the host",
}

# What comes with every compiler, C library or Python: the C standard's headers (C17, 7.1.2) and C++'s, which have no
# suffix; glibc's parts; the libraries that compilers link by themselves.
_C_HEADERS = (
    "assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal|stdalign|stdarg|stdatomic"
    "|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath|threads|time|uchar|wchar|wctype"
)
_BROUGHT_ALONG: dict[Kind, re.Pattern[str]] = {
    "header": re.compile(rf"(?:Python|pyconfig|patchlevel|{_C_HEADERS})\.h|(?:bits|gnu)/.*|[a-z_]+|[./].*"),
    "library": re.compile(r"c|m|dl|rt|util|pthread|gcc(?:_s|_eh)?|stdc\+\+|c\+\+(?:abi)?|python[\d.]+[a-z]*"),
    "module": re.compile(r"python[\d.]*(?:-embed)?"),
    "cmake": re.compile(r"Python\w*|PkgConfig|Threads|OpenMP\w*"),
    "program": re.compile(r"python[\d.]*|(?:\S+-)?(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|gfortran)(?:-[\d.]+)?"),
    "compiler": re.compile("C|CXX"),
}
_FOUND_OTHERWISE = re.compile(r"^(?:\S+\| )?Run-time dependency (\S+) found: YES", re.MULTILINE)
_NO_NAMES = {"a", "an", "any", "required", "suitable", "usable", "valid", "working"}


@dataclass(frozen=True, kw_only=True)
class Lack:
    """One thing that a build looked for and did not find."""

    kind: Kind
    name: str
    """As the build named it: ``libxml/xpath.h``, ``xml2`` (without ``-l``), ``libxslt``, ``ZeroMQ``, ``pg_config``.
    Of a compiler its language: ``Fortran``."""
    decisive: bool = field(default=True, compare=False)
    """Whether the build said that it stops for it. Else it asked, and may well have done without."""

    def __str__(self) -> str:
        """Return "the header libxml/xpath.h", "the library -lxml2" and so on."""
        return _IN_WORDS[self.kind].format(self.name)


def lacks_in(output: str, *, pkg_config_misses: Sequence[str] = ()) -> tuple[Lack, ...]:
    """Return what ``output``, the whole output of a build, says was not found, each once, in order of appearance.

    ``pkg_config_misses`` are modules that pkg-config was asked for and did not find; they come last, not decisive
    unless the output says that they are, and not at all if Meson found them by other means. What a question to the
    compiler lacked (a configure probe) is left out, and so is what comes with a compiler, C library or Python.
    """
    text = COLOUR.sub("", output)
    said = sorted(((place, lack) for phrase in PHRASES for place, lack in _said(phrase, text)), key=lambda one: one[0])
    otherwise = _FOUND_OTHERWISE.findall(text)
    # Meson asks pkg-config first, and then may find the same dependency by CMake or by a library's name.
    missed = (Lack(kind="module", name=name, decisive=False) for name in pkg_config_misses if name not in otherwise)
    return _each_once([*(lack for _, lack in said), *missed])


def program_lack(name: str, *, decisive: bool) -> Lack:
    """Return that the program ``name`` lacked; of Fortran's compilers, whatever they are called, that one did."""
    if FORTRAN_COMPILER.fullmatch(name):
        return Lack(kind="compiler", name="Fortran", decisive=decisive)
    return Lack(kind="program", name=name, decisive=decisive)


def _each_once(lacks: Iterable[Lack]) -> tuple[Lack, ...]:
    found: dict[Lack, Lack] = {}
    for lack in lacks:
        if not _BROUGHT_ALONG[lack.kind].fullmatch(lack.name):
            earlier = found.get(lack, lack)
            found[lack] = replace(lack, decisive=lack.decisive or earlier.decisive)
    return tuple(found.values())


def _said(phrase: Phrase, text: str) -> Iterator[tuple[int, Lack]]:
    for match in phrase.pattern.finditer(text):
        groups = match.groupdict()
        if PROBE.search(groups.get("source") or ""):
            continue
        names = phrase.each.findall(groups["names"]) if "names" in groups else [groups["name"]]
        for name in names:
            lack = _lack(phrase, name)
            if lack and not (lack.kind == "library" and _was_probe(text, match.start(), lack.name)):
                yield match.start("names" if "names" in groups else "name"), lack


def _lack(phrase: Phrase, name: str) -> Lack | None:
    if phrase.kind == "word":
        return _meant(name)
    if phrase.kind == "library":
        # `-l:libfoo.so.1`, and linkers that name a file.
        name = re.sub(r"\.(?:so|a)(?:\.[\d.]+)?$", "", name)
    if phrase.kind == "program":
        # The variables of CMake's modules are upper case, programs are not.
        return program_lack(name.lower() if name.isupper() else name, decisive=phrase.decisive)
    if phrase.kind == "compiler":
        name = name.capitalize()
    return Lack(kind=phrase.kind, name=name, decisive=phrase.decisive)


def _meant(word: str) -> Lack | None:
    """Return what a person means who calls something ``word``."""
    if word in _NO_NAMES:
        return None
    if word.endswith((".h", ".hpp", ".hh")):
        return Lack(kind="header", name=word)
    return Lack(kind="library", name=word.removeprefix("lib").removesuffix(".so"))


def _was_probe(text: str, end: int, library: str) -> bool:
    """Return whether the last command before ``end`` that links ``library`` is one of a probe."""
    flag = re.compile(rf"(?:^|\s)-l{re.escape(library)}(?=\s|$)")
    # The command is near its error; without a limit, each error would cost a walk through all the output.
    commands = (line for line in reversed(text[max(0, end - 20_000) : end].splitlines()) if flag.search(line))
    return bool(PROBE_COMMAND.search(next(commands, "")))
