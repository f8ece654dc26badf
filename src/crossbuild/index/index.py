"""Find sdists and wheels on package indexes, and keep what was downloaded."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name
from packaging.version import Version

from crossbuild.errors import NetworkError, SourceError, UsageError
from crossbuild.index.connection import Connections, connect, is_secure, network_errors
from crossbuild.index.download import download, try_page
from crossbuild.index.files import SDIST_SUFFIXES, IndexFile, best_sdist, hashes_of_fragment
from crossbuild.index.hashes import has, verify
from crossbuild.index.pages import ask_index, look_at
from crossbuild.index.settings import IndexSettings, check_url, file_of_url, redacted, url_fault
from crossbuild.system.cache import digest
from crossbuild.system.filesystem import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from packaging.requirements import Requirement
    from unearth.fetchers import PyPIClient

    from crossbuild.options.build_options import IndexOptions
    from crossbuild.reporting import Reporter
    from crossbuild.system.cache import Cache


_SDISTS, _WHEELS, _METADATA = "sdists", "wheels", "metadata"
"""The kinds of the cache entries that this module makes."""
_RECORD = "source.json"


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

    def find_sdist(self, name: str, version: Version, *, reporter: Reporter | None = None) -> Found | None:
        """Return the sdist of exactly that ``version`` of ``name``, downloaded and its hash verified.

        None if there is no such sdist. ``reporter`` hears how much has come. Otherwise as :meth:`list_all`.
        """
        with self._connect() as client:
            listed = self._listed(client, name, _SDISTS)
            sdist = best_sdist(one for one in listed if one.version == version)
            return self._obtain(client, name, sdist, reporter) if sdist else None

    def list_all(self, name: str) -> list[IndexFile]:
        """Return every distribution of ``name`` that is listed, of any kind; none if the project is not known.

        The first index that knows the project decides, so that none can shadow another's projects; links count, too.
        Offline, the cache and local places are all there is. Proxies and ``netrc`` are those of the process. Raises
        NetworkError if an index cannot be read, or a file has another hash, and UsageError.
        """
        with self._connect() as client:
            # Sdists and wheels are kept apart; the listing that follows has the wheels of the cache.
            cached = list(self._cached(canonicalize_name(name), _SDISTS)) if self.settings.offline else []
            return [*cached, *self._listed(client, name, _WHEELS)]

    def fetch(self, name: str, candidate: IndexFile, *, reporter: Reporter | None = None) -> Found:
        """Return ``candidate``, of :meth:`list_all`, downloaded and its hash verified.

        A URL that comes without a hash is taken for one whose content never changes. ``reporter`` hears how much has
        come.
        """
        with self._connect() as client:
            return self._obtain(client, name, candidate, reporter)

    def kept(self, candidate: IndexFile) -> Path | None:
        """Return the file of ``candidate`` if it is here: a local one, or one that was downloaded before."""
        if candidate.url.startswith("file:"):
            return file_of_url(candidate.url)
        entry = self.cache.path(*_entry(candidate))
        record = _record(entry)
        return entry / record["filename"] if record else None

    def metadata(self, candidate: IndexFile) -> bytes | None:
        """Return the metadata that the index has beside ``candidate`` (PEP 658), verified; None if it has none.

        Without a hash it is not kept: it may be wrong, and only the wheel can tell. Raises NetworkError.
        """
        if candidate.metadata_hashes is None:
            return None
        _check_link(candidate)
        url, hashes = f"{candidate.url.partition('#')[0]}.metadata", candidate.metadata_hashes
        if url.startswith("file:"):
            return _local_file(url, hashes).read_bytes()

        def make(scratch: Path) -> None:
            with self._connect() as client:
                download(client, url, scratch / "METADATA", hashes=hashes, size=None)

        if hashes:
            key = digest("metadata", redacted(url), dict(hashes))
            if self.settings.offline and not self.cache.path(_METADATA, key).is_dir():
                return None
            entry = self.cache.entry(_METADATA, key, make, is_whole=lambda entry: has(entry / "METADATA", hashes))
            return (entry / "METADATA").read_bytes()
        if self.settings.offline:
            return None
        with tempfile.TemporaryDirectory(prefix="crossbuild-") as scratch:
            make(Path(scratch))
            return Path(scratch, "METADATA").read_bytes()

    @contextmanager
    def connected(self) -> Iterator[Index]:
        """Give the same index with connections that last, for many questions; threads may ask it at once."""
        connections = Connections(settings=self.settings)
        try:
            yield replace(self, _connections=connections)
        finally:
            connections.close()

    @contextmanager
    def _connect(self) -> Iterator[PyPIClient]:
        if self._connections:
            yield self._connections.own()
        else:
            with connect(self.settings) as client:
                yield client

    def check_answers(self, seconds: float) -> None:
        """Ask each index for one page, there or not, with ``seconds`` to answer. Raises NetworkError or UsageError."""
        with connect(self.settings, seconds=seconds) as client:
            for url in self.settings.indexes:
                _check_origin(client, url)
                with network_errors(redacted(url)):
                    if url.startswith("http"):
                        try_page(client, f"{url.rstrip('/')}/crossbuild/")

    def _listed(self, client: PyPIClient, name: str, kind: str) -> list[IndexFile]:
        name = canonicalize_name(name)
        candidates = list(self._cached(name, kind)) if self.settings.offline else []
        for url in filter(self._allowed, self.settings.find_links):
            _check_origin(client, url)
            candidates += look_at(client, url, name)
        for url in filter(self._allowed, self.settings.indexes):
            _check_origin(client, url)
            found = ask_index(client, url, name)
            # As with uv's default strategy "first-index". pip would mix what all have, so that a public index can offer
            # a higher version of a private project.
            if found:
                return candidates + found
        return candidates

    def _allowed(self, url: str) -> bool:
        return not self.settings.offline or url.startswith("file:")

    def unknown(self, requirement: Requirement) -> SourceError | NetworkError:
        """Return the error for a project of which nothing is listed."""
        if offline := self.settings.offline:
            return NetworkError(
                f"No sdist of {str(requirement)!r} is in the cache, and {offline} forbids looking for one.",
                fix=f"Run once without {offline}, or give the sdist's path.",
            )
        return SourceError(
            f"There is no project {requirement.name!r}.",
            why=f"Looked at {self.settings.places}.",
            fix=f"For the directory of that name, say ./{requirement.name}."
            if Path(requirement.name).is_dir()
            else "Check the spelling.",
        )

    def _obtain(self, client: PyPIClient, name: str, candidate: IndexFile, reporter: Reporter | None) -> Found:
        _check_link(candidate)
        if candidate.url.startswith("file:"):
            return _local(name, candidate)
        kind, key = _entry(candidate)
        made: list[Path] = []

        def make(scratch: Path) -> None:
            if offline := self.settings.offline:
                raise NetworkError(
                    f"{redacted(candidate.url)} is not in the cache, and {offline} forbids downloading it.",
                    fix=f"Run once without {offline}.",
                )
            _download(client, name, candidate, scratch, reporter)
            made.append(scratch)

        entry = self.cache.entry(kind, key, make, is_whole=lambda entry: _is_whole(entry, candidate.size))
        record = _record(entry)
        return Found(
            name=record["name"],
            version=record["version"],
            path=entry / record["filename"],
            url=record["url"],
            sha256=record["sha256"],
            is_kept=not made,
        )

    def _cached(self, name: str, kind: str) -> Iterator[IndexFile]:
        """Yield what the cache has of the project ``name``, which is normalised."""
        for entry in sorted(self.cache.path(kind, "").glob("*")):
            record = _record(entry)
            if record and record["version"] and record["name"] == name:
                yield IndexFile(
                    filename=record["filename"],
                    version=Version(record["version"]),
                    url=record["url"],
                    requires_python=record["requires_python"],
                    hashes=record["hashes"],
                    index=record["index"],
                )


def candidate_of_url(url: str) -> IndexFile:
    """Return the sdist or the wheel behind a direct ``url``. Raises UsageError if it is neither."""
    check_url(url)
    filename = unquote(urlsplit(url).path).rpartition("/")[2]
    if not filename.endswith((*SDIST_SUFFIXES, ".whl")):
        raise UsageError(
            f"{redacted(url)} is neither an sdist nor a wheel.",
            fix=f"The name of an sdist ends in {', '.join(SDIST_SUFFIXES)}.",
        )
    return IndexFile.from_filename(filename, url=url, hashes=hashes_of_fragment(url))


def _check_origin(client: PyPIClient, url: str) -> None:
    if not is_secure(client, url):
        raise UsageError(
            f"{redacted(url)} is not encrypted, so anybody on the way could replace what it sends.",
            fix="Use https, or name the host in PIP_TRUSTED_HOST.",
        )


def _check_link(candidate: IndexFile) -> None:
    """Raise NetworkError if a page lists ``candidate`` at an address that cannot be used."""
    fault = url_fault(candidate.url)
    if not fault and candidate.url.startswith("file:") and candidate.index.startswith("http"):
        fault = "it leads to a file of this machine"
    if fault:
        raise NetworkError(
            f"{redacted(candidate.index)} has a link to {candidate.filename} that cannot be followed: {fault}.",
            why=redacted(candidate.url),
            fix="Report this to the index. Another version may have a link that works.",
        )


def _entry(candidate: IndexFile) -> tuple[str, str]:
    """Return the kind and the key of the cache entry for ``candidate``."""
    # Without the login, so that the entry stays the same when the password changes.
    key = digest(redacted(candidate.url), dict(candidate.hashes))
    return _SDISTS if candidate.is_sdist else _WHEELS, key


def _local(name: str, candidate: IndexFile) -> Found:
    path = _local_file(candidate.url, candidate.hashes)
    return Found(
        name=canonicalize_name(name),
        version=str(candidate.version or ""),
        path=path,
        url=candidate.url.partition("#")[0],
        sha256=sha256_of(path),
    )


def _local_file(url: str, hashes: Mapping[str, str]) -> Path:
    path = file_of_url(url)
    if not path.is_file():
        raise SourceError(f"{path} does not exist.")
    verify(path, hashes, str(path))
    return path


def _download(client: PyPIClient, name: str, candidate: IndexFile, scratch: Path, reporter: Reporter | None) -> None:
    """Fill a cache entry with the distribution and what is known of it."""
    # If the hash is known, the connection need not be secure.
    if not candidate.hashes:
        _check_origin(client, candidate.url)
    path = scratch / candidate.filename
    title = f"{canonicalize_name(name)} {candidate.version}" if candidate.version else candidate.filename
    download(
        client,
        candidate.url,
        path,
        hashes=candidate.hashes,
        size=candidate.size,
        title=title,
        reporter=reporter,
    )
    record = {
        "name": canonicalize_name(name),
        "version": str(candidate.version or ""),
        "filename": path.name,
        "url": redacted(candidate.url),
        "requires_python": candidate.requires_python,
        "hashes": dict(candidate.hashes),
        "sha256": sha256_of(path),
        "size": path.stat().st_size,
        "index": redacted(candidate.index),
    }
    (scratch / _RECORD).write_text(json.dumps(record, indent=2))


def _is_whole(entry: Path, size: int | None) -> bool:
    """Return whether a cache entry matches its record, and its file has the ``size`` that the index gives."""
    record = _record(entry)
    return bool(record and size in {None, record["size"]} and sha256_of(entry / record["filename"]) == record["sha256"])


def _record(entry: Path) -> dict[str, Any]:
    """Return what is recorded of a cache entry; nothing if its file does not have the size that is recorded."""
    try:
        record: dict[str, Any] = json.loads((entry / _RECORD).read_text())
        is_right = (entry / record["filename"]).stat().st_size == record["size"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return record if is_right else {}
