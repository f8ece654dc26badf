"""Which sdist a requirement comes to where a wheel of it is to be built; nothing is built."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from packaging.requirements import Requirement

from crossbuild.index.index import candidate_of_url
from crossbuild.resolve.available import Available
from crossbuild.resolve.policy import ALL, Policy
from crossbuild.resolve.resolver import resolve
from crossbuild.sources.project import Source
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from crossbuild.index.index import Found, Index


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A workshop that only looks at what there is to unpack."""

    found: list[Found] = field(default_factory=list)

    def unpack(self, sdist: Found) -> Source:
        self.found.append(sdist)
        return Source(name=sdist.name, version=sdist.version, directory=Path(), origin=sdist.url)

    def metadata(self, *_: object) -> NoReturn:
        raise AssertionError

    build = direct = metadata


def find_sdist(index: Index, text: str, python: tuple[int, int, int] = (3, 11, 2)) -> Found:
    """Return what ``text`` comes to on ``index`` for a host with that ``python``."""
    requirement, bench = Requirement(text), Bench()
    if requirement.url:
        return index.fetch(requirement.name, candidate_of_url(requirement.url))
    host = replace(make_host(), python_version=python)
    available = Available(index=index, host=host, workshop=bench, policy=Policy(no_binary=frozenset({ALL})))
    (choice,) = resolve([requirement], available, dependencies=False).choices
    assert choice.unpack
    choice.unpack()
    return bench.found[-1]
