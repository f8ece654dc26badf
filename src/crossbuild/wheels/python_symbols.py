"""The symbols that CPython exports to extension modules, by version and kind of build.

``cpython_symbols.txt`` lists those of all builds of a version, ``PyInit_`` functions aside: which modules are built in
is each distribution's choice. ``python -m tests.known_symbols`` writes it from libraries and programs of CPython.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

NAME = re.compile(r"_?Py(?!Init_)\w+")
"""What the names of CPython's own symbols match."""
LIBPYTHON = re.compile(r"libpython(?P<version>3\.\d+[a-z]*)\.so(?:\.\d+)*")
"""The shared library of a CPython; its version has the ABI flags."""
TABLE = "cpython_symbols.txt"


@dataclass(frozen=True, kw_only=True)
class SymbolHistory:
    """Which releases of CPython export which symbols."""

    oldest: int
    """The minor version of the oldest release that is known, CPython 3.x."""
    newest: int
    releases: Mapping[str, frozenset[int]]
    """By symbol, the minor versions of the releases that export it in all builds."""
    builds: Mapping[str, str]
    """By symbol, the ABI flag of the builds that alone export it: ``d`` for debug, ``t`` for free-threaded ones."""

    @classmethod
    def from_package(cls) -> Self:
        """Read what crossbuild knows."""
        return cls.from_text((files("crossbuild.wheels") / TABLE).read_text(encoding="ascii"))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read lines of a symbol and where it is exported: ``3.9-3.12``, ``3.13-`` (to the newest), ``d``, or ``t``."""
        head, *lines = text.splitlines()
        oldest, newest = (_minor(version) for version in head.split()[-1].split("-"))
        releases: dict[str, frozenset[int]] = {}
        builds: dict[str, str] = {}
        for line in lines:
            symbol, where = line.split()
            if where in {"d", "t"}:
                builds[symbol] = where
            else:
                releases[symbol] = frozenset(minor for part in where.split(",") for minor in _span(part, newest))
        return cls(oldest=oldest, newest=newest, releases=releases, builds=builds)

    def exported(self, version: Collection[int], abi_flags: str) -> frozenset[str] | None:
        """Return what the build with ``abi_flags`` of CPython ``version`` exports; None if the version is not known."""
        _, minor, *_ = version
        if not self.oldest <= minor <= self.newest:
            return None
        return self._of_release(minor) | {symbol for symbol, flag in self.builds.items() if flag in abi_flags}

    def _of_release(self, minor: int) -> frozenset[str]:
        return frozenset(symbol for symbol, minors in self.releases.items() if minor in minors)

    def describe(self, symbol: str, version: Collection[int]) -> str:
        """Return why CPython ``version`` does not export ``symbol``, a clause that follows it; empty if unknown."""
        _, minor, *_ = version
        if flag := self.builds.get(symbol):
            return f"which only {_KINDS[flag]} builds of Python have"
        minors = self.releases.get(symbol, frozenset())
        later = [other for other in minors if other > minor]
        earlier = [other for other in minors if other < minor]
        if minor in minors:
            return ""
        if later:
            return f"which came with Python 3.{min(later)}"
        return f"which Python 3.{max(earlier) + 1} removed" if earlier else ""

    @cached_property
    def known(self) -> frozenset[str]:
        """All symbols that some release exports."""
        return frozenset((*self.releases, *self.builds))


_KINDS = {"d": "debug", "t": "free-threaded"}


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


def _span(part: str, newest: int) -> Iterator[int]:
    first, _, last = part.partition("-")
    end = _minor(last) if last else newest if part.endswith("-") else _minor(first)
    yield from range(_minor(first), end + 1)
