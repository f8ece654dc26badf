"""A version of a project, which the host can have, and the ways to it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, ParamSpec, Self, TypeVar

from packaging.version import Version

from crossbuild.resolve.metadata import Metadata
from crossbuild.wheels.distribution import Distribution

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from packaging.specifiers import SpecifierSet

    from crossbuild.index.files import IndexFile
    from crossbuild.session.job import JobContext
    from crossbuild.sources.project import Source
    from crossbuild.wheels.distribution import Origin

_P = ParamSpec("_P")
_T = TypeVar("_T")
PYTHON = "python "
"""What the host's Python is called among projects; none of them can have a name with a space."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A version of a project, which the host can have."""

    name: str
    """The project's normalised name."""
    version: Version
    tell: Callable[[], Metadata] = field(repr=False)
    """Returns its metadata: from the index, an sdist, or by a hook of its backend; asked more than once."""
    obtain: Callable[[JobContext], Distribution] = field(repr=False)
    """Returns the host's wheel: downloads or builds it."""
    unpack: Callable[[], Source] | None = field(default=None, repr=False)
    """Returns the project that its wheel is built of; None where that is not known."""
    extras: frozenset[str] = frozenset()
    url: str = ""
    """Where it is from, if a requirement says so."""
    is_built: bool = False
    """Whether its wheel is built here."""
    is_there: bool = False
    """Whether the host has it already: then there is nothing to obtain."""
    lack: str = ""
    """Why the host cannot have it; empty if it can."""
    has_version: bool = True
    """Whether ``version`` is known. If not, any specifier admits it."""
    listed: IndexFile | None = None
    """The wheel, or the sdist that its wheel is built of, as an index lists it."""
    origin: Origin | None = None
    """Where it is from, if the user named its place."""

    @classmethod
    def from_wheel(cls, wheel: Path, *, origin: Origin | None = None) -> Self:
        """Return the one whose wheel is here."""
        return cls.from_distribution(Distribution.from_wheel(wheel, origin=origin))

    @classmethod
    def from_distribution(cls, had: Distribution) -> Self:
        """Return the one that there is nothing left to do for."""
        tell = once(lambda: Metadata.from_wheel(had.wheel))
        return cls(name=had.name, version=had.version, tell=tell, obtain=lambda _: had, origin=had.origin)

    @classmethod
    def from_metadata(cls, metadata: Metadata) -> Self:
        """Return what the host has already."""

        def obtain(_: JobContext) -> Distribution:
            raise LookupError(metadata.name)

        return cls(name=metadata.name, version=metadata.version, tell=lambda: metadata, obtain=obtain, is_there=True)

    @classmethod
    def absent(cls, name: str, version: Version | None, *, lack: str) -> Self:
        """Return what stands for a project that the host cannot have, where all that can be said is to be shown."""
        there = cls.from_metadata(Metadata(name=name, version=version or Version("0")))
        return replace(there, is_there=False, lack=lack, has_version=version is not None)

    def is_in(self, specifier: SpecifierSet) -> bool:
        """Return whether ``specifier`` admits it. Which pre-releases may be taken was decided where it comes from."""
        return not self.has_version or specifier.contains(self.version, prereleases=True)

    @classmethod
    def from_python(cls, version: Version) -> Self:
        """Return the host's Python, as what ``Requires-Python`` asks for."""
        return cls.from_metadata(Metadata(name=PYTHON, version=version))

    @property
    def label(self) -> str:
        """``numpy 2.3.1``."""
        return f"{self.name} {self.version}" if self.has_version else self.name


def once(ask: Callable[_P, _T]) -> Callable[_P, _T]:
    """Return what calls ``ask`` the first time only, however many threads call it; one that raised is asked again."""
    return _Once(ask)


class _Once(Generic[_P, _T]):
    # functools.cache would let two threads ask at once.
    def __init__(self, ask: Callable[_P, _T]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answers: list[_T] = []

    def __call__(self, *arguments: _P.args, **named: _P.kwargs) -> _T:
        with self._lock:
            if not self._answers:
                self._answers.append(self._ask(*arguments, **named))
            return self._answers[0]
