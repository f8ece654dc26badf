"""The projects that somebody names, to be looked at and not built."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from crossbuild.host.markers import marker_environment
from crossbuild.requirements.direct_spec import DirectSpec, project_names, read_project
from crossbuild.requirements.request import ParsedRequest
from crossbuild.resolve.policy import Policy
from crossbuild.wheelhouse.plan import planned
from crossbuild.wheelhouse.workshop import HostWorkshop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossbuild.resolve.candidates import Candidate
    from crossbuild.session.session import Session
    from crossbuild.sources.project import Source


def find_projects(specs: Sequence[str], *, session: Session, directory: Path) -> list[Source]:
    """Return the projects that ``specs`` come to on the host, below ``directory`` if they are not the user's.

    Versions are chosen as for wheels that are built. Raises UsageError for a wheel, and what choosing and fetching
    raise.
    """
    words = [read_project(spec) for spec in specs]
    parsed = ParsedRequest(
        requirements=tuple(word for word in words if isinstance(word, Requirement)),
        places=tuple(word for word in words if isinstance(word, DirectSpec)),
        policy=Policy(no_binary=project_names(words)),
    ).on(marker_environment(session.plan().known_host))
    workshop = HostWorkshop(session=session, directory=directory)
    places = [workshop.project(place) for place in parsed.places]
    return [*places, *_of_index(replace(parsed, places=()), session, directory)]


def _of_index(parsed: ParsedRequest, session: Session, directory: Path) -> list[Source]:
    if not parsed.requirements:
        return []
    planning = planned(parsed, session=session, directory=directory, dependencies=False, there={}, keeps=lambda _: True)
    with planning as resolution:
        return [_unpacked(choice, session) for choice in resolution.choices]


def _unpacked(choice: Candidate, session: Session) -> Source:
    with session.reporter.step(f"Get the source of {choice.label}"):
        if choice.unpack is None:
            raise LookupError(choice.label)
        return choice.unpack()
