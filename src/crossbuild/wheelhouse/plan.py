"""From a parsed request to one candidate for each project."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from crossbuild.host.markers import marker_environment
from crossbuild.index.files import IndexFile
from crossbuild.requirements.direct_spec import DirectSpec, allowed
from crossbuild.requirements.pylock import read_lock
from crossbuild.requirements.request import read_request
from crossbuild.resolve.available import Available
from crossbuild.resolve.resolver import resolve
from crossbuild.wheelhouse.workshop import HostWorkshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from crossbuild.requirements.pylock import LockedFile
    from crossbuild.requirements.request import ParsedRequest, Request
    from crossbuild.resolve.candidates import Candidate
    from crossbuild.resolve.resolver import Resolution
    from crossbuild.session.session import Session

_QUESTIONS = 8
"""How many questions an index gets at once."""


def read_for(request: Request, session: Session) -> tuple[ParsedRequest, Session]:
    """Read ``request``; return it with the session that looks where its files say. Raises UsageError."""
    parsed, options = read_request(request, index=session.options.index, environ=session.services.environ)
    for warning in parsed.warnings:
        session.reporter.warning(warning)
    return parsed, session.with_index(options)


@contextmanager
def planned(
    parsed: ParsedRequest,
    *,
    session: Session,
    directory: Path,
    dependencies: bool,
    there: Mapping[str, Candidate],
    keeps: Callable[[str], bool],
    make_workshop: type[HostWorkshop] = HostWorkshop,
    shows_absent: bool = False,
) -> Iterator[Resolution]:
    """Give one candidate for each project that ``parsed`` comes to. They can be fetched and built until it ends.

    ``directory`` is for what is unpacked; ``there`` is what the host has, and stays where it will do if the project's
    name ``keeps`` it, else where nothing is newer. ``shows_absent``: whether what the host cannot have is among the
    candidates. Raises RequirementsError, and what fetching and building raise.
    """
    # The threads of the pool end before the connections that they ask by.
    with session.services.index.connected() as index, ThreadPoolExecutor(_QUESTIONS) as pool:
        host = session.plan().known_host
        parsed = parsed.on(marker_environment(host))
        workshop = make_workshop(
            session=session, directory=directory, named=parsed.named, config_settings=parsed.config_settings
        )
        available = Available(
            index=index,
            host=host,
            workshop=workshop,
            policy=parsed.policy,
            there=there,
            keeps=keeps,
            shows_absent=shows_absent,
            reporter=session.reporter,
            pool=pool if dependencies else None,  # otherwise no metadata is wanted that could be asked for in advance
        )
        locked = [one for file in parsed.locks for one in _lock(file, available)]
        given = [
            *(_Given(choice=_locked(one, available, workshop), hashes=allowed(one.hashes)) for one in locked),
            *(_Given(choice=workshop.choice(one), extras=one.extras, hashes=one.hashes) for one in parsed.places),
        ]
        available = _with_given(available, given)
        # A lock file is complete, even if metadata say something else.
        complete = bool(locked) and not parsed.places and not parsed.requirements
        with session.reporter.step("Choose versions"):
            resolution = resolve(
                [*(one.requirement for one in given), *parsed.requirements],
                available,
                dependencies=dependencies and not complete,
                places=parsed.origins,
            )
        yield resolution


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What a project's name means, even if an index has other files of it."""

    choice: Candidate
    extras: frozenset[str] = frozenset()
    hashes: Mapping[str, tuple[str, ...]]
    """Digests by algorithm that its file was found to have, or will be."""

    @property
    def requirement(self) -> Requirement:
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        return Requirement(f"{self.choice.name}{extras}")


def _with_given(available: Available, given: Sequence[_Given]) -> Available:
    hashes = {one.choice.name: one.hashes for one in given if one.hashes}
    return replace(
        available,
        given={one.choice.name: one.choice for one in given},
        policy=replace(available.policy, hashes={**available.policy.hashes, **hashes}),
    )


def _lock(file: Path, available: Available) -> list[LockedFile]:
    return read_lock(
        file,
        environment=marker_environment(available.host),
        tags=available.tags,
        is_built=lambda name: not available.policy.takes_wheels(name),
    )


def _locked(locked: LockedFile, available: Available, workshop: HostWorkshop) -> Candidate:
    """Return what a lock file has of a project, and nothing else."""
    if not locked.filename:
        return workshop.choice(DirectSpec(where=locked.url, name=locked.name, hashes=allowed(locked.hashes)))
    candidate = IndexFile.from_filename(locked.filename, url=locked.url, hashes=locked.hashes)
    page = f"{locked.index.rstrip('/')}/{locked.name}/" if locked.index else ""
    return available.exactly(locked.name, replace(candidate, index=page, size=locked.size))
