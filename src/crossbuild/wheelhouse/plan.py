"""From what is asked for to one choice for each project."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from crossbuild.closure.offers import Offers
from crossbuild.closure.resolve import resolve
from crossbuild.host.markers import marker_environment
from crossbuild.sources.candidates import Candidate
from crossbuild.sources.lockfile import read_lock
from crossbuild.wheelhouse.asked import Place
from crossbuild.wheelhouse.workshop import HostWorkshop
from crossbuild.wheels.tags import installable_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from crossbuild.closure.choices import Choice
    from crossbuild.closure.resolve import Resolution
    from crossbuild.session import Session
    from crossbuild.sources.lockfile import LockedFile
    from crossbuild.wheelhouse.request import Asked

_QUESTIONS = 8
"""How many questions an index gets at once."""


@contextmanager
def planned(
    asked: Asked,
    *,
    session: Session,
    directory: Path,
    dependencies: bool,
    there: Mapping[str, Choice],
    keeps: Callable[[str], bool],
) -> Iterator[Resolution]:
    """Give one choice for each project that ``asked`` comes to; while it lasts, each can be had.

    ``directory`` is for what is unpacked; ``there`` is what the host has, and stays where it will do if the project's
    name ``keeps`` it, else where nothing is newer. Raises RequirementsError, and what fetching and building raise.
    """
    with session.index.connected() as index, ThreadPoolExecutor(_QUESTIONS) as pool:
        workshop = HostWorkshop(session=session, directory=directory, named=asked.named)
        offers = Offers(
            index=index,
            host=session.plan().known_host,
            workshop=workshop,
            policy=asked.policy,
            there=there,
            keeps=keeps,
            pool=pool if dependencies else None,
        )
        locked = [_locked(one, offers, workshop) for file in asked.locks for one in _lock(file, offers)]
        places = [(workshop.choice(place), place.extras) for place in asked.places]
        own = [Requirement(_with_extras(choice.name, extras)) for choice, extras in places]
        own += [Requirement(choice.name) for choice in locked]
        offers = replace(offers, given={choice.name: choice for choice in (*locked, *(one for one, _ in places))})
        # A lock file has all that is needed, whatever the metadata says.
        complete = bool(locked) and not places and not asked.requirements
        with session.reporter.step("Choose versions"):
            resolution = resolve(
                [*own, *asked.requirements],
                offers,
                dependencies=dependencies and not complete,
                places=asked.origins,
            )
        yield resolution


def _lock(file: Path, offers: Offers) -> list[LockedFile]:
    return read_lock(
        file,
        environment=marker_environment(offers.host),
        tags=installable_tags(offers.host),
        is_built=lambda name: not offers.policy.takes_wheels(name),
    )


def _locked(locked: LockedFile, offers: Offers, workshop: HostWorkshop) -> Choice:
    """Return what a lock file has of a project, and nothing else."""
    if not locked.filename:
        hashes = {algorithm: (value,) for algorithm, value in locked.hashes.items()}
        return workshop.choice(Place(where=locked.url, name=locked.name, hashes=hashes))
    candidate = Candidate.from_filename(locked.filename, url=locked.url, hashes=locked.hashes)
    page = f"{locked.index.rstrip('/')}/{locked.name}/" if locked.index else ""
    return offers.exactly(locked.name, replace(candidate, index=page))


def _with_extras(name: str, extras: frozenset[str]) -> str:
    return f"{name}[{','.join(sorted(extras))}]" if extras else name
