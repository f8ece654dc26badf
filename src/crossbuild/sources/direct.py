"""What a path or a URL comes to, that somebody gave instead of a version: a wheel, an sdist, a directory, a repository.

Sources: PEP 508 (``name @ URL``), PEP 610 (``direct_url.json``), pip's guide "VCS Support" (``git+https://…@revision``,
``#subdirectory=``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.direct_url import ArchiveInfo, DirectUrl, DirInfo, VcsInfo

from crossbuild.errors import NetworkError, SourceError, UsageError
from crossbuild.index.files import SDIST_SUFFIXES
from crossbuild.index.index import candidate_of_url
from crossbuild.index.settings import check_url, file_of_url, redacted
from crossbuild.redaction import without_login
from crossbuild.sources.archives import leads_outside
from crossbuild.sources.project import Source
from crossbuild.system.filesystem import sha256_of
from crossbuild.wheels.distribution import Origin

if TYPE_CHECKING:
    from unearth import Link

    from crossbuild.index.index import Index
    from crossbuild.reporting import Reporter

REPOSITORIES = ("git+", "hg+", "svn+", "bzr+")
"""What the URL of a repository begins with."""


@dataclass(frozen=True, kw_only=True)
class Direct:
    """A wheel or a project that is here, and where it is from."""

    origin: Origin
    wheel: Path | None = None
    project: Source | None = None
    """None if there is a wheel."""

    @property
    def source(self) -> Source:
        """The project to build, where there is no wheel. Raises LookupError if there is one."""
        if self.project is None:
            raise LookupError(self.wheel)
        return self.project


def get_direct(
    place: str | Path, *, index: Index, into: Path, name: str = "", reporter: Reporter | None = None
) -> Direct:
    """Return what ``place``, a path or a URL, comes to; what must be unpacked is unpacked below ``into``.

    ``name`` is what the project should be called, if that is known. ``reporter`` hears of the download.
    Raises SourceError, UsageError or NetworkError.
    """
    if isinstance(place, Path):
        # PEP 610 has a URL for everything, also for what was given by a path.
        return _of_path(place, into, url=place.absolute().as_uri())
    check_url(place, is_repository=place.startswith(REPOSITORIES))
    if place.startswith(REPOSITORIES):
        return _of_repository(place, into)
    if urlsplit(place).scheme == "file":
        path = file_of_url(place)
        if not path.is_file():
            return _of_path(path, into, url=place.partition("#")[0], subdirectory=_link(place).subdirectory or "")
    return _of_archive(place, index, into, name, reporter)


def _of_path(path: Path, into: Path, *, url: str, subdirectory: str = "") -> Direct:
    if path.is_dir():
        direct = DirectUrl(url=url, dir_info=DirInfo(), subdirectory=subdirectory or None)
        return Direct(origin=Origin(url=url, direct=direct), project=Source.from_directory(path / subdirectory))
    if not path.is_file():
        raise SourceError(f"{path} does not exist.", fix="Give a wheel, an sdist or a directory.")
    return _of_file(path, into, url=url, hashes={"sha256": sha256_of(path)}, subdirectory="")


def _of_archive(url: str, index: Index, into: Path, name: str, reporter: Reporter | None) -> Direct:
    candidate = candidate_of_url(url)
    found = index.fetch(name or candidate.filename, candidate, reporter=reporter)
    return _of_file(
        found.path,
        into,
        url=redacted(url),
        hashes=dict(candidate.hashes) or {"sha256": found.sha256},
        subdirectory=_link(url).subdirectory or "",
    )


def _of_file(path: Path, into: Path, *, url: str, hashes: dict[str, str], subdirectory: str) -> Direct:
    direct = DirectUrl(url=url, archive_info=ArchiveInfo(hashes=hashes), subdirectory=subdirectory or None)
    origin = Origin(url=url, filename=path.name, hashes=hashes, direct=direct)
    if path.name.endswith(".whl"):
        return Direct(origin=origin, wheel=path)
    if not path.name.endswith(SDIST_SUFFIXES):
        raise UsageError(
            f"{path} is neither a directory nor an sdist.", fix=f"An sdist ends in {', '.join(SDIST_SUFFIXES)}."
        )
    return Direct(origin=origin, project=Source.from_sdist(path, into=into, origin=url, subdirectory=subdirectory))


def _of_repository(url: str, into: Path) -> Direct:
    from unearth.errors import UnpackError, URLError, VCSBackendError

    from crossbuild.sources.repositories import repository_backend

    # unearth puts the URL on the command line of git. The login goes another way.
    link = _link(without_login(url))
    _check_repository(link, url)
    checkout = into / Path(link.filename).stem
    try:
        backend = repository_backend(url)
        address, revision, _ = backend.get_url_and_rev_options(link)
        backend.fetch(link, checkout)
        commit = backend.get_revision(checkout)
    except (UnpackError, VCSBackendError, URLError, FileNotFoundError) as error:
        raise NetworkError(
            f"{redacted(url)} could not be checked out.",
            why=str(error).strip(),
            fix="Check the address, and @REVISION.",
        ) from None
    direct = DirectUrl(
        url=redacted(str(address)),
        vcs_info=VcsInfo(vcs=str(link.vcs), commit_id=commit, requested_revision=revision or None),
        subdirectory=link.subdirectory or None,
    )
    below = link.subdirectory or ""
    source = Source.from_directory(checkout / below)
    project = replace(source, origin=redacted(url), top=checkout, subdirectory=below)
    return Direct(origin=Origin(url=redacted(url), direct=direct), project=project)


def _check_repository(link: Link, url: str) -> None:
    """Raise UsageError for a URL that git would take for an option, or a subdirectory outside of the repository."""
    revision = link.parsed.path.rpartition("@")[2] if "@" in link.parsed.path else ""
    if revision.startswith("-") or link.parsed.netloc.rpartition("@")[2].startswith("-"):
        raise UsageError(f"{redacted(url)} has an option where a host or a revision belongs.", fix="Correct the URL.")
    if leads_outside(link.subdirectory or ""):
        raise UsageError(f"{redacted(url)}: the subdirectory {link.subdirectory} is not below the repository.")


def _link(url: str) -> Link:
    from unearth import Link

    return Link(url)
