"""How far a build is: as its build tool prints it, and by how long it took the last time.

Sources: ninja's default status (``[12/340]``), CMake's makefiles (``[ 12%]``), cargo's progress bar (``Building [==>  ]
3/45``). Other tools print each command, or in its place what automake's silent rules print.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.reporting import progress_of
from crossbuild.system.cache import digest
from crossbuild.system.filesystem import write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crossbuild.host.model import Host
    from crossbuild.reporting import Advance, Reporter
    from crossbuild.system.cache import Cache

_KIND = "durations"
"""The kind of cache entry for how long builds took: one for all of them."""
_COUNTED = re.compile(r"^\s*(?:\[(?P<done>\d+)/(?P<total>\d+)\] |\[ *(?P<percent>\d+)%\] )")
_CARGO = re.compile(r"^\s*Building \[[=> ]*\] (?P<done>\d+)/(?P<total>\d+)\b")
_CRATE = re.compile(r"^\s*Compiling \S+ v\d")
_COMPILER = re.compile(
    r"^(?:libtool: compile:\s+)?(?:\S*/)?(?:\S+-)?(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|gfortran)\s.*\s-c\s"
)
_SILENT_RULE = re.compile(r"^\s+(?:CC|CXX|CPPAS|FC|F77|AS)\s+\S+$")


@dataclass(kw_only=True)
class Count:
    """What the lines of a build say of how far it is."""

    advance: Advance
    _compiled: int = 0
    _is_counted: bool = False
    """Whether the build tool counts, so that nobody else has to."""

    def hear(self, line: str) -> None:
        """Take a line of output."""
        counted = _COUNTED.match(line) or _CARGO.match(line)
        if counted:
            self._is_counted = True
            self.advance(*_numbers(counted.groupdict()))
        elif not self._is_counted and any(one.match(line) for one in (_COMPILER, _CRATE, _SILENT_RULE)):
            self._compiled += 1
            self.advance(self._compiled, None)


def _numbers(found: dict[str, str]) -> tuple[int, int]:
    if found.get("percent"):
        return int(found["percent"]), 100
    return int(found["done"]), int(found["total"])


@dataclass(frozen=True, kw_only=True)
class Duration:
    """How long the last build of a project for a host took."""

    cache: Cache
    key: str

    @classmethod
    def of_build(cls, name: str, host: Host, cache: Cache) -> Duration:
        """Return that of the project ``name``."""
        return cls(cache=cache, key=digest(name, host.platform, host.python_version[:2]))

    @property
    def seconds(self) -> float | None:
        """None if it was not built before."""
        try:
            return float((self.cache.use(_KIND) / self.key).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def keep(self, seconds: float) -> None:
        """Keep it for the next time, if the cache can be written to."""
        with suppress(OSError):
            write_text(self.cache.open(_KIND) / self.key, f"{seconds:.1f}\n")


@contextmanager
def watched_build(reporter: Reporter, duration: Duration) -> Iterator[Callable[[str], None]]:
    """Give what takes the lines of a build, tell ``reporter`` how far it is, and keep how long it took."""
    started = time.monotonic()
    with progress_of(reporter, "", unit="steps", expected=duration.seconds) as advance:
        yield Count(advance=advance).hear
    duration.keep(time.monotonic() - started)
