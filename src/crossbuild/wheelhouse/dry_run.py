"""What a request comes to, as far as that is known without building: nothing is built, and nothing is delivered."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from packaging.utils import canonicalize_name
from packaging.version import Version

from crossbuild.building.sysroot_packages import wanted_packages
from crossbuild.errors import CrossbuildError
from crossbuild.index.settings import file_of_url, redacted
from crossbuild.reporting import SilentReporter
from crossbuild.resolve.metadata import Metadata
from crossbuild.wheelhouse.plan import planned, read_for
from crossbuild.wheelhouse.workshop import HostWorkshop, builder
from crossbuild.wheels.distribution import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.index.index import Found
    from crossbuild.requirements.request import ParsedRequest, Request
    from crossbuild.resolve.candidates import Candidate
    from crossbuild.resolve.resolver import Resolution
    from crossbuild.session.job import JobContext
    from crossbuild.session.session import Session
    from crossbuild.sources.direct import Direct
    from crossbuild.sources.project import Source
    from crossbuild.wheels.distribution import Distribution

Action = Literal["download", "cached", "local", "build", "installed", "missing"]
_OPEN = "0"
"""Stands for a version that only a build tells."""


@dataclass(frozen=True, kw_only=True)
class PlannedPackage:
    """What would be done for one project."""

    name: str
    """The project's normalised name."""
    version: str | None
    """None if only a build can tell."""
    action: Action
    """``download``: its wheel is on an index; ``cached``: its wheel was downloaded or built before; ``local``: its
    wheel is a file of yours; ``build``; ``installed``: nothing, the image has it; ``missing``: the host cannot have it.
    """
    filename: str = ""
    """Of the wheel, or of the sdist that is built; empty for a directory or a repository."""
    url: str = ""
    """Of that file, directory or repository, without password."""
    size: int | None = None
    """Bytes of that file, if they are known."""
    requested: bool = False
    """Whether you requested it, and it is not only a dependency."""
    required_by: tuple[str, ...] = ()
    """The names of the packages that require it."""
    dependencies_known: bool = True
    """False if only a build can tell what it requires; then the plan lacks its dependencies."""
    host_packages: tuple[str, ...] = ()
    """The distribution's packages that its build would have in the host's sysroot in addition."""
    reason: str = ""
    """Why it is missing."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would be done for a request."""

    packages: tuple[PlannedPackage, ...]
    """By name."""
    host_packages: tuple[str, ...] = ()
    """All packages of the distribution that would be added to the host's sysroot, also for every build."""
    refusal: CrossbuildError | None = None
    """The error with which the work would end before it begins, if something is missing."""

    def raise_for_missing(self) -> None:
        """Raise the error of the work, if something is missing."""
        if self.refusal:
            raise self.refusal


def plan_request(request: Request, *, session: Session, there: Mapping[str, Candidate] | None = None) -> Plan:
    """Return what would be done for ``request``; ``there`` is what the host has.

    Sdists are downloaded to read what they require; a project that only a build can ask is taken without its
    dependencies. Raises what reading the request and choosing versions raise.
    """
    parsed, session = read_for(request, session)
    look = _Look(parsed=parsed, session=session, request=request, there=there or {})
    try:
        return look.plan()
    except CrossbuildError as error:
        # With stand-ins for what is missing, the rest can be shown as well. Its steps were told the first time.
        silent = session.for_job(replace(session.job, reporter=SilentReporter(), building=()))
        try:
            shown = replace(look, session=silent).plan(shows_absent=True)
        except CrossbuildError:
            shown = Plan(packages=())
        if not any(one.action == "missing" for one in shown.packages):
            raise error from None
        return replace(shown, refusal=error)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One look at a request."""

    parsed: ParsedRequest
    session: Session
    request: Request
    there: Mapping[str, Candidate]

    def plan(self, *, shows_absent: bool = False) -> Plan:
        with tempfile.TemporaryDirectory(prefix="crossbuild-sources-") as directory:
            planning = planned(
                self.parsed,
                session=self.session,
                directory=Path(directory),
                dependencies=self.request.dependencies,
                there=self.there,
                keeps=self.request.keeps(self.parsed),
                make_workshop=LookingWorkshop,
                shows_absent=shows_absent,
            )
            with planning as resolution:
                packages = tuple(self._package(choice, resolution) for choice in resolution.choices)
        added = {name for one in packages for name in one.host_packages}
        return Plan(packages=packages, host_packages=tuple(sorted({*self.session.options.sysroot_packages, *added})))

    def _package(self, choice: Candidate, resolution: Resolution) -> PlannedPackage:
        return PlannedPackage(
            name=choice.name,
            version=str(choice.version) if choice.has_version else None,
            requested=choice.name in resolution.requested,
            required_by=resolution.required_by[choice.name],
            **self._work(choice),
        )

    def _work(self, choice: Candidate) -> dict[str, Any]:
        """Return what is to be done for ``choice``, by field."""
        if choice.is_there:
            return {"action": "installed"}
        if choice.lack:
            return {"action": "missing", "reason": choice.lack}
        if choice.is_built:
            return self._build(choice)
        here = self._here(choice)
        if self._url(choice).startswith("file:"):
            return {"action": "local", **self._file(choice, here)}
        # What the user gave by its URL was downloaded to be looked at.
        action = "download" if choice.listed and not here else "cached"
        return {"action": action, **self._file(choice, here)}

    def _build(self, choice: Candidate) -> dict[str, Any]:
        try:
            kept = choice.obtain(replace(self.session.job, building=()))
        except LookupError:
            source = choice.unpack() if choice.unpack else None
            wanted = wanted_packages(source, self.session) if source else frozenset()
            return {
                "action": "build",
                **self._file(choice, self._here(choice)),
                "dependencies_known": choice.tell().is_whole,
                "host_packages": tuple(sorted(wanted - self._in_sysroot())),
            }
        return {"action": "cached", **self._file(choice, kept.wheel), "filename": kept.wheel.name}

    def _in_sysroot(self) -> set[str]:
        sysroot = self.session.plan().sysroot
        return {package.name for package in sysroot.packages} if sysroot else set()

    def _url(self, choice: Candidate) -> str:
        return choice.listed.url if choice.listed else choice.origin.url if choice.origin else ""

    def _here(self, choice: Candidate) -> Path | None:
        """Return the file of ``choice`` if it is on this machine."""
        if choice.listed:
            return self.session.services.index.kept(choice.listed)
        url = self._url(choice)
        return file_of_url(url) if url.startswith("file:") else None

    def _file(self, choice: Candidate, here: Path | None) -> dict[str, Any]:
        listed, origin = choice.listed, choice.origin
        size = here.stat().st_size if here and here.is_file() else listed.size if listed else None
        filename = listed.filename if listed else origin.filename if origin else ""
        return {"filename": filename, "url": redacted(self._url(choice).partition("#")[0]), "size": size}


class LookingWorkshop(HostWorkshop):
    """Reads what the files of projects say, and has what was built before; it builds nothing."""

    def metadata(self, sdist: Found) -> Metadata:
        """Return what the files of ``sdist`` say; of what only a build tells, nothing."""
        source = self.unpack(sdist)
        return self._told(source, sdist.name, Origin(url=source.origin), self._session(sdist.name))

    def unpack(self, sdist: Found) -> Source:
        """Return the project in ``sdist``, unpacked once: nothing changes it."""
        if sdist.path not in self._unpacked:
            self._unpacked[sdist.path] = super().unpack(sdist)
        return self._unpacked[sdist.path]

    def build(self, sdist: Found, origin: Origin, job: JobContext) -> Distribution:
        """Return the wheel of ``sdist`` that was built before. Raises LookupError if it has to be built."""
        return self._build(self.unpack(sdist), origin, self._session(sdist.name).for_job(job))

    def _build(self, source: Source, origin: Origin, session: Session) -> Distribution:
        kept = builder(session).kept(source, origin=origin)
        if kept is None:
            raise LookupError(source.label)
        return kept

    def _of_source(self, direct: Direct, session: Session, called: str) -> Candidate:
        source = direct.source
        metadata = self._told(source, called, direct.origin, session)
        # Sdists have a version in their names. That of a directory may be known to its backend only.
        has_version = bool(source.version) or str(metadata.version) != _OPEN
        return replace(self._to_build(metadata, direct, session), has_version=has_version)

    def _told(self, source: Source, called: str, origin: Origin, session: Session) -> Metadata:
        # Dependencies can be known although the version is not.
        version = source.version or _OPEN
        known = Metadata.from_project(source.directory, version=version)
        if known:
            return known
        try:
            return Metadata.from_wheel(self._build(source, origin, session).wheel)
        except LookupError:
            name = canonicalize_name(source.name or called or source.project_name)
            return Metadata(name=name, version=Version(version), is_whole=False)
