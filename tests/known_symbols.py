"""Adds to the tables of the symbols that extensions find on their hosts.

``python -m tests.known_symbols 3.16 libpython3.16.so.1.0 …`` replaces what is known of CPython 3.16. Give the library
of a usual build (or the program, if it was linked statically), of several distributions if you have them: what one of
them exports counts. ``3.16d libpython3.16d.so.1.0`` adds what only debug builds export, and ``3.16t`` what only
free-threaded ones do. ``glibc libc.so.6 libm.so.6`` and ``musl ld-musl-aarch64.so.1`` add what a C library defines, on
any machine.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.platforms.elf import defined_versions, read_elf
from crossbuild.wheels.python_symbols import NAME, TABLE, SymbolHistory
from tests.examples import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DIRECTORY = REPOSITORY / "src/crossbuild/wheels"


def exported_by(library: Path) -> frozenset[str]:
    """Return CPython's own symbols that ``library`` exports."""
    return frozenset(filter(NAME.fullmatch, read_elf(library.name, library.read_bytes()).exported))


def with_release(history: SymbolHistory, minor: int, symbols: Iterable[str]) -> SymbolHistory:
    """Return ``history`` with ``symbols`` for CPython 3.``minor``."""
    exported = frozenset(symbols)
    releases = {
        symbol: (history.releases.get(symbol, frozenset()) - {minor}) | ({minor} if symbol in exported else set())
        for symbol in {*history.releases, *exported}
    }
    return replace(
        history,
        oldest=min(history.oldest, minor),
        newest=max(history.newest, minor),
        releases={symbol: minors for symbol, minors in releases.items() if minors},
    )


def with_build(history: SymbolHistory, minor: int, flag: str, symbols: Iterable[str]) -> SymbolHistory:
    """Return ``history`` with those of ``symbols`` that only builds with ``flag`` export."""
    only = {symbol: flag for symbol in symbols if minor not in history.releases.get(symbol, frozenset())}
    return replace(history, builds={**history.builds, **only})


def table(history: SymbolHistory) -> str:
    """Return the text of the table."""
    head = f"# Symbols that CPython exports, and since when until when; known are 3.{history.oldest}-3.{history.newest}"
    where: Mapping[str, str] = {
        **{symbol: _where(minors, history.newest) for symbol, minors in history.releases.items()},
        **history.builds,
    }
    return "\n".join([head, *(f"{symbol} {where[symbol]}" for symbol in sorted(where))]) + "\n"


def _where(minors: frozenset[int], newest: int) -> str:
    firsts = sorted(minor for minor in minors if minor - 1 not in minors)
    lasts = sorted(minor for minor in minors if minor + 1 not in minors)
    return ",".join(_span(first, last, newest) for first, last in zip(firsts, lasts, strict=True))


def _span(first: int, last: int, newest: int) -> str:
    if last == newest:
        return f"3.{first}-"
    return f"3.{first}" if first == last else f"3.{first}-3.{last}"


def with_libc(known: Iterable[str], family: str, libraries: Iterable[Path]) -> list[str]:
    """Return ``known`` and the symbols that the ``libraries`` of glibc or musl define for others."""
    names = set(known)
    for library in libraries:
        content = library.read_bytes()
        if family == "glibc":
            names |= {name for name, of in defined_versions(content).items() if of != {"GLIBC_PRIVATE"}}
        else:
            names |= read_elf(library.name, content).exported
    return sorted(names)


def main(what: str, libraries: list[Path]) -> None:
    """Write the table of ``what`` with what is in ``libraries``."""
    if what in {"glibc", "musl"}:
        file = DIRECTORY / f"{what}_symbols.txt"
        file.write_text("\n".join(with_libc(file.read_text(encoding="ascii").split(), what, libraries)) + "\n")
        return
    minor, flag = int(what.strip("dt").partition(".")[2]), what[-1] if what[-1] in "dt" else ""
    symbols = frozenset(symbol for library in libraries for symbol in exported_by(library))
    history = SymbolHistory.from_package()
    new = with_build(history, minor, flag, symbols) if flag else with_release(history, minor, symbols)
    (DIRECTORY / TABLE).write_text(table(new), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1], [Path(name) for name in sys.argv[2:]])
