"""Find sdists and wheels on package indexes, and keep what was downloaded."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from crossbuild.cache import digest, sha256_of
from crossbuild.errors import NetworkError, SourceError, UsageError
from crossbuild.sources.candidates import SDIST_SUFFIXES, Candidate, choose_sdist, choose_wheel
from crossbuild.sources.connection import Connections, connect, network_errors, patiently
from crossbuild.sources.settings import IndexSettings, environ_for_installers, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.requirements import Requirement
    from packaging.tags import Tag
    from unearth import Link

    from crossbuild.cache import Cache
    from crossbuild.options import IndexOptions
    from crossbuild.sources.connection import Connection

__all__ = ["Found", "Index", "environ_for_installers"]

_SDISTS, _WHEELS, _METADATA = "sdists", "wheels", "metadata"
"""The kinds of the cache entries that this module makes."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """An sdist or a wheel on this machine, and where it is from."""

    name: str
    """The project's normalised name."""
    version: str
    """Empty if a direct URL does not say."""
    path: Path
    url: str
    """Without password and fragment."""
    sha256: str
    is_kept: bool = field(default=False, compare=False)
    """Whether it was here before it was asked for."""


@dataclass(frozen=True, kw_only=True)
class Index:
    """All indexes and links of ``settings``, as one. Downloads are kept in ``cache`` and never made twice."""

    settings: IndexSettings
    cache: Cache
    _connections: Connections | None = None

    @classmethod
    def from_options(cls, options: IndexOptions, *, environ: Mapping[str, str], cache: Cache) -> Index:
        """Raises UsageError if the options name a place that is not there."""
        return cls(settings=IndexSettings.from_options(options, environ), cache=cache)

    def find_sdist(self, requirement: Requirement, python: tuple[int, int, int]) -> Found:
        """Return the newest sdist of ``requirement`` for a ``python``, downloaded and its hash verified.

        The first index that knows the project decides, so that none can shadow another's projects; links count
        besides. Extras and markers mean nothing here. Offline, the cache and local places are all there is. A URL
        that comes without a hash is taken for one whose content never changes.

        Raises SourceError if nothing fits, NetworkError if an index cannot be read or a hash is wrong, UsageError
        for a URL that cannot be meant. Proxies and ``netrc`` are those of the process.
        """
        with self._connect() as session:
            if requirement.url:
                candidate = candidate_of_url(requirement.url)
                _check_sdist(candidate)
                return self._obtain(session, requirement.name, candidate)
            candidates = self._listed(session, requirement.name, _SDISTS)
            if not candidates:
                raise self.unknown(requirement)
            return self._obtain(session, requirement.name, choose_sdist(candidates, requirement, python))

    def find_wheel(self, name: str, version: Version, tags: Sequence[Tag]) -> Found | None:
        """Return the wheel of ``name`` with the first of ``tags`` that there is, downloaded and its hash verified.

        None if there is no such wheel. Otherwise as :meth:`find_sdist`.
        """
        with self._connect() as session:
            candidate = choose_wheel(self._listed(session, name, _WHEELS), version, tags)
            return self._obtain(session, name, candidate) if candidate else None

    def list_all(self, name: str) -> list[Candidate]:
        """Return every distribution of ``name`` that is listed, of any kind; none if the project is not known.

        Which index decides, and what is raised, is as with :meth:`find_sdist`.
        """
        with self._connect() as session:
            cached = self._cached(name, _SDISTS) if self.settings.offline else []
            return [*cached, *self._listed(session, name, _WHEELS)]

    def fetch(self, name: str, candidate: Candidate) -> Found:
        """Return ``candidate``, of :meth:`list_all`, downloaded and its hash verified."""
        with self._connect() as session:
            return self._obtain(session, name, candidate)

    def metadata(self, name: str, candidate: Candidate) -> bytes | None:
        """Return the metadata that the index has beside ``candidate`` (PEP 658), verified; None if it has none."""
        if candidate.metadata_hashes is None:
            return None
        key = digest("metadata", redacted(candidate.url), dict(candidate.metadata_hashes))
        if self.settings.offline and candidate.url.startswith("http") and not self.cache.path(_METADATA, key).is_dir():
            return None
        beside = _link(replace(candidate, url=_metadata_url(candidate.url), hashes=candidate.metadata_hashes))
        with self._connect() as session:
            if beside.is_file:
                return _fetch(session, beside, beside.file_path.parent).read_bytes()

            def make(scratch: Path) -> None:
                _fetch(session, beside, scratch).rename(scratch / "METADATA")

            return (self.cache.entry(_METADATA, key, make) / "METADATA").read_bytes()

    @contextmanager
    def connected(self) -> Iterator[Index]:
        """Give the same index with connections that last, for many questions; threads may ask it at once."""
        connections = Connections(settings=self.settings)
        try:
            yield replace(self, _connections=connections)
        finally:
            connections.close()

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        if self._connections:
            yield self._connections.own()
        else:
            with connect(self.settings) as connection:
                yield connection

    def check_answers(self, seconds: float) -> None:
        """Ask each index for one page, there or not, with ``seconds`` to answer. Raises NetworkError or UsageError."""
        with connect(self.settings, seconds=seconds) as session:
            for url in filter(self._allowed, self.settings.indexes):
                _check_origin(session, url)
                with network_errors(redacted(url)):
                    session.client.get(f"{url.rstrip('/')}/crossbuild/")
            if session.refusals:
                raise _refused("The index does not answer as it should.", session.refusals)

    def _listed(self, session: Connection, name: str, kind: str) -> list[Candidate]:
        candidates = self._cached(name, kind) if self.settings.offline else []
        links = [url for url in self.settings.find_links if self._allowed(url)]
        candidates += self._ask(session, name, find_links=links) if links else []
        for url in filter(self._allowed, self.settings.indexes):
            _check_origin(session, url)
            found = self._ask(session, name, index_urls=[url])
            if found:
                return candidates + found
        return candidates

    def _allowed(self, url: str) -> bool:
        return not self.settings.offline or url.startswith("file:")

    def _ask(
        self, session: Connection, name: str, *, index_urls: Sequence[str] = (), find_links: Sequence[str] = ()
    ) -> list[Candidate]:
        from unearth import PackageFinder

        finder = PackageFinder(
            session=session.client, index_urls=index_urls, find_links=find_links, ignore_compatibility=True
        )
        session.refusals.clear()
        with network_errors(", ".join(map(redacted, (*index_urls, *find_links)))):
            packages = patiently(lambda: list(finder.find_all_packages(name, allow_yanked=True)))
        if session.refusals and not packages:
            raise _refused(f"{name!r} could not be looked up.", session.refusals)
        return [Candidate.from_package(package) for package in packages]

    def unknown(self, requirement: Requirement) -> SourceError | NetworkError:
        """Return the error for a project of which nothing is listed."""
        if self.settings.offline:
            return NetworkError(
                f"No sdist of {str(requirement)!r} is in the cache, and --offline forbids looking for one.",
                fix="Run once without --offline, or give the sdist's path.",
            )
        return SourceError(
            f"There is no project {requirement.name!r}.",
            why=f"Looked at {self.settings.places}.",
            fix=f"For the directory of that name, say ./{requirement.name}."
            if Path(requirement.name).is_dir()
            else "Check the spelling.",
        )

    def _obtain(self, session: Connection, name: str, candidate: Candidate) -> Found:
        link = _link(candidate)
        if link.is_file:
            return _local(session, name, candidate, link)
        key = digest(redacted(link.url), dict(candidate.hashes))
        kind = _SDISTS if candidate.is_sdist else _WHEELS
        is_kept = self.cache.path(kind, key).is_dir()
        if self.settings.offline and not is_kept:
            raise NetworkError(
                f"{redacted(link.url)} is not in the cache, and --offline forbids downloading it.",
                fix="Run once without --offline.",
            )
        entry = self.cache.entry(kind, key, lambda scratch: _download(session, name, candidate, link, scratch))
        record = _record(entry / "source.json")
        return Found(
            name=record["name"],
            version=record["version"],
            path=entry / record["filename"],
            url=record["url"],
            sha256=record["sha256"],
            is_kept=is_kept,
        )

    def _cached(self, name: str, kind: str) -> list[Candidate]:
        records = [_record(path) for path in sorted(self.cache.path(kind, "").glob("*/source.json"))]
        return [
            Candidate(
                filename=record["filename"],
                version=Version(record["version"]),
                url=record["url"],
                requires_python=record["requires_python"],
                hashes=record["hashes"],
                index=record.get("index", ""),
            )
            for record in records
            if record["version"] and record["name"] == canonicalize_name(name)
        ]


def _link(candidate: Candidate) -> Link:
    from unearth import Link

    return Link(candidate.url, hashes=dict(candidate.hashes) or None)


def _metadata_url(url: str) -> str:
    return f"{url.partition('#')[0]}.metadata"


def candidate_of_url(url: str) -> Candidate:
    """Return the sdist or the wheel behind a direct ``url``. Raises UsageError if it is neither."""
    from unearth import Link

    link = Link(url)
    if not link.filename.endswith((*SDIST_SUFFIXES, ".whl")):
        raise UsageError(
            f"{redacted(url)} is neither an sdist nor a wheel.",
            fix=f"The name of an sdist ends in {', '.join(SDIST_SUFFIXES)}.",
        )
    hashes = {name: values[0] for name, values in (link.hash_option or {}).items()}
    return Candidate.from_filename(link.filename, url=url, hashes=hashes)


def _check_sdist(candidate: Candidate) -> None:
    if not candidate.is_sdist:
        raise UsageError(
            f"{redacted(candidate.url)} is not an sdist.",
            fix=f"The name of an sdist ends in {', '.join(SDIST_SUFFIXES)}.",
        )


def _refused(what: str, refusals: Sequence[str]) -> NetworkError:
    fix = "Check the address, and the user and password (in the URL, or in ~/.netrc)."
    return NetworkError(what, why="\n".join(refusals), fix=fix)


def _check_origin(session: Connection, url: str) -> None:
    from unearth import Link
    from unearth.collector import is_secure_origin

    if not is_secure_origin(session.client, Link(url)):
        raise UsageError(
            f"{redacted(url)} is not encrypted, so anybody on the way could replace what it sends.",
            fix="Use https, or name the host in PIP_TRUSTED_HOST.",
        )


def _local(session: Connection, name: str, candidate: Candidate, link: Link) -> Found:
    if not link.file_path.is_file():
        raise SourceError(f"{link.file_path} does not exist.")
    path = _fetch(session, link, link.file_path.parent)
    return Found(
        name=canonicalize_name(name),
        version=str(candidate.version or ""),
        path=path,
        url=link.url_without_fragment,
        sha256=sha256_of(path),
    )


def _download(session: Connection, name: str, candidate: Candidate, link: Link, scratch: Path) -> None:
    """Fill a cache entry with the distribution and what is known of it."""
    if not link.hash_option:
        _check_origin(session, link.url)
    path = _fetch(session, link, scratch)
    record = {
        "name": canonicalize_name(name),
        "version": str(candidate.version or ""),
        "filename": path.name,
        "url": redacted(link.url),
        "requires_python": candidate.requires_python,
        "hashes": dict(candidate.hashes),
        "sha256": sha256_of(path),
        "index": redacted(candidate.index),
    }
    (scratch / "source.json").write_text(json.dumps(record, indent=2))


def _fetch(session: Connection, link: Link, directory: Path) -> Path:
    from unearth.errors import HashMismatchError, UnpackError
    from unearth.preparer import download_link

    place = redacted(link.url)
    try:
        with network_errors(place):
            return patiently(lambda: download_link(session.client, link, directory, link.hash_option))
    except HashMismatchError as error:
        raise NetworkError(
            f"{place} is not the file that was promised.",
            why="\n".join(line.strip() for line in str(error).splitlines()[1:]),
            fix="Try again. If it stays so, the index or a proxy before it is broken, or hostile.",
        ) from None
    except UnpackError as error:
        raise NetworkError(f"{place} could not be downloaded.", why=str(error)) from None


def _record(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_text())
    return record
