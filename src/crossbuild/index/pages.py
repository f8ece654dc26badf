"""Pages of links to distributions: those of indexes, and any others.

Sources: the simple repository API (PEP 503, 629, 691, 700, 714), which says what a page has; and what indexes send all
the same. What does not have the form that the API says is refused, and not guessed.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin

from crossbuild.errors import NetworkError
from crossbuild.index.download import Page, read_page
from crossbuild.index.files import SDIST_SUFFIXES, IndexFile, hashes_of_fragment
from crossbuild.index.settings import file_of_url, redacted
from crossbuild.system.documents import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from unearth.fetchers import PyPIClient

_API = "1"
"""The major version of the API that is understood."""
_BESIDE = ("core-metadata", "dist-info-metadata", "data-dist-info-metadata")
"""The member that tells of metadata beside a wheel, and its older names."""
_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a string",
    int: "an integer",
    float: "a fraction",
    bool: "a boolean",
    type(None): "null",
}


def ask_index(client: PyPIClient, index: str, name: str) -> list[IndexFile]:
    """Return the distributions of the project ``name``, which is normalised, on an index; none if it does not know it.

    Raises NetworkError if the index is out of order.
    """
    # With the slash that PEP 503 wants: servers redirect there otherwise. In a directory of files it is index.html, as
    # for pip.
    url = f"{index.rstrip('/')}/{name}/"
    if url.startswith("file:"):
        return _of_file(file_of_url(url) / "index.html", name)
    return _of_page(read_page(client, url), name)


def look_at(client: PyPIClient, place: str, name: str) -> list[IndexFile]:
    """Return the distributions of the project ``name``, which is normalised, at a place of ``--find-links``.

    That is the URL of a page, of a distribution, or of a directory with such. Raises NetworkError.
    """
    if place.startswith("file:"):
        path = file_of_url(place)
        # Like pip, it reads pages of links that lie in the directory, too.
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        return [candidate for file in files for candidate in _of_file(file, name)]
    if _filename(place).endswith((*SDIST_SUFFIXES, ".whl")):
        return _listed([IndexFile.listed(_filename(place), name, url=place)])
    return _of_page(read_page(client, place), name)


def _of_file(file: Path, name: str) -> list[IndexFile]:
    if mimetypes.guess_type(file.name)[0] == "text/html":
        return _of_page(Page(url=file.as_uri(), content=file.read_bytes()), name) if file.is_file() else []
    return _listed([IndexFile.listed(file.name, name, url=file.as_uri())])


def _of_page(page: Page | None, name: str) -> list[IndexFile]:
    if page is None:
        return []
    return _listed(_of_json(page, name) if page.is_json else _of_html(page, name))


def _listed(candidates: Iterable[IndexFile | None]) -> list[IndexFile]:
    return [candidate for candidate in candidates if candidate]


def _of_html(page: Page, name: str) -> Iterator[IndexFile | None]:
    from unearth.collector import IndexHTMLParser

    parser = IndexHTMLParser()
    try:
        parser.feed(_text(page))
    except AssertionError as error:
        raise _malformed(page, f"Its HTML cannot be read: {error}.") from None
    base = _joined(page.url, parser.base_url or "")
    for anchor in parser.anchors:
        url = _joined(base, anchor.get("href") or "")
        beside = anchor.get("data-core-metadata") or anchor.get("data-dist-info-metadata")
        yield IndexFile.listed(
            _filename(url),
            name,
            url=url,
            requires_python=anchor.get("data-requires-python") or "",
            yanked="data-yanked" in anchor,  # its value is the reason, which may be empty (PEP 592)
            hashes=hashes_of_fragment(url),
            metadata_hashes=hashes_of_fragment(f"#{beside}") if beside else None,
            index=page.url,
        )


def _of_json(page: Page, name: str) -> Iterator[IndexFile | None]:
    try:
        document = parse_json(page.content)
    except ValueError as error:
        raise _malformed(page, f"It is not JSON: {error}.") from None
    whole = _Entry(page=page, place="the page", facts=document)
    meta = _Entry(page=page, place="'meta'", facts=whole.get("meta", dict) or {})
    version = meta.get("api-version", str) or "1.0"
    if version.partition(".")[0] != _API:
        raise _malformed(page, f"It has version {version} of the API; version {_API} is supported.")
    for number, facts in enumerate(whole.get("files", list) or []):
        yield _of_entry(_Entry(page=page, place=f"files[{number}]", facts=facts), name)


def _of_entry(entry: _Entry, name: str) -> IndexFile | None:
    url = _joined(entry.page.url, entry.get("url", str) or "")
    beside = next(filter(None, (entry.get(key, bool, dict) for key in _BESIDE)), None)
    return IndexFile.listed(
        entry.get("filename", str) or _filename(url),
        name,
        url=url,
        requires_python=entry.get("requires-python", str) or "",
        yanked=bool(entry.get("yanked", bool, str)),
        hashes=entry.digests("hashes", entry.get("hashes", dict)) or hashes_of_fragment(url),
        metadata_hashes=entry.digests(_BESIDE[0], beside if isinstance(beside, dict) else {}) if beside else None,
        index=entry.page.url,
        size=entry.get("size", int),
    )


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A part of a JSON page, whose members must have their types."""

    page: Page
    place: str
    facts: Any

    def get(self, key: str, *kinds: type) -> Any:
        """Return a member, None if it is not there. Raises NetworkError if it is none of ``kinds``."""
        if not isinstance(self.facts, dict):
            raise _malformed(self.page, f"{self.place} is {_kind(self.facts)}, not an object.")
        value = self.facts.get(key)
        if value is not None and type(value) not in kinds:
            raise _malformed(self.page, f"{key!r} of {self.place} is {_kind(value)}.")
        return value

    def digests(self, key: str, value: Mapping[str, Any] | None) -> dict[str, str]:
        """Return ``value``, which the member ``key`` has, as digests by algorithm."""
        hashes = _Entry(page=self.page, place=f"{key!r} of {self.place}", facts=value or {})
        return {algorithm: (hashes.get(algorithm, str) or "").lower() for algorithm in hashes.facts}


def _kind(value: object) -> str:
    return _KINDS[type(value)]


def _text(page: Page) -> str:
    try:
        return page.content.decode(page.encoding, errors="replace")
    except (LookupError, UnicodeError):
        return page.content.decode(errors="replace")


def _joined(base: str, href: str) -> str:
    """Return where ``href`` leads; as it is if that is nowhere, which is an error for whoever wants to go there."""
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def _filename(url: str) -> str:
    # urlsplit() refuses what a page may link to, such as a malformed host.
    return unquote(url.partition("#")[0].partition("?")[0]).rpartition("/")[2]


def _malformed(page: Page, why: str) -> NetworkError:
    return NetworkError(
        f"{redacted(page.url)} is not a page of a package index.",
        why=why,
        fix="Check the address. If it is right, the index does not follow the simple repository API.",
    )
