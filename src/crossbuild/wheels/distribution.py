"""A wheel for the host and where it is from: what a wheelhouse holds, and what is installed into an image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from packaging.direct_url import DirectUrl, DirectUrlValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from packaging.version import Version


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The file, the directory or the repository that a wheel is, or was built from."""

    url: str
    """Of the file on its index or elsewhere, of a local file or directory (``file:``), or of a repository; without
    password and fragment."""
    filename: str = ""
    """Of the wheel or the sdist; empty for a directory or a repository."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Hexadecimal digests of that file, by the names that :mod:`hashlib` has for them."""
    index: str = ""
    """The index that lists it, if one does; without password."""
    direct: DirectUrl | None = None
    """What ``direct_url.json`` says (PEP 610), where the user named a URL, a path or a repository; else None."""

    @classmethod
    def from_provenance(cls, document: Mapping[str, Any]) -> Self:
        """Read ``provenance_url.json`` (PEP 710). Raises LookupError, TypeError and ValueError for what it is not."""
        url = str(document["url"])
        return cls(
            url=url,
            filename=unquote(urlsplit(url).path.rpartition("/")[2]),
            hashes=_texts(document["archive_info"]["hashes"]),
            index=str(document["index_url"]),
        )

    @classmethod
    def from_direct(cls, document: Mapping[str, Any]) -> Self:
        """Read ``direct_url.json`` (PEP 610). Raises ValueError and AttributeError for what it is not."""
        try:
            direct = DirectUrl.from_dict(document)
        except DirectUrlValidationError as error:
            raise ValueError(str(error)) from None
        archive = direct.archive_info
        return cls(
            url=direct.url,
            filename=unquote(urlsplit(direct.url).path.rpartition("/")[2]) if archive else "",
            hashes=dict(archive.hashes or {}) if archive else {},
            direct=direct,
        )

    @property
    def provenance(self) -> Mapping[str, Any] | None:
        """What ``provenance_url.json`` says (PEP 710); None for what is of no index, or not known by its hash."""
        if self.direct is not None or not (self.index and self.hashes) or self.is_here:
            return None
        return {"url": self.url, "archive_info": {"hashes": dict(self.hashes)}, "index_url": self.index}

    @property
    def facts(self) -> dict[str, Any]:
        """All of it but :attr:`direct`, as in JSON documents."""
        return {
            "url": self.url,
            "filename": self.filename,
            "hashes": dict(sorted(self.hashes.items())),
            "index": self.index,
            "built": not self.is_wheel,
        }

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return self.url.startswith("file:")

    @property
    def is_wheel(self) -> bool:
        """Whether the wheel was taken as it is, rather than built here."""
        return self.filename.endswith(".whl")


@dataclass(frozen=True, kw_only=True)
class MadeWheel:
    """A wheel for the host that was built here."""

    path: Path
    packages: frozenset[str] = frozenset()
    """What the host's sysroot had besides when it was built: names of the distribution's packages."""
    is_kept: bool = False
    """Whether it was built at an earlier time."""


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A wheel for the host, here, and where it is from."""

    name: str
    """The project's normalised name."""
    version: Version
    wheel: Path
    origin: Origin
    packages: frozenset[str] = frozenset()
    """What the host's sysroot had besides, if it was built here."""
    requested: bool = False
    """Whether the user asked for it, and not only what he asked for."""
    required_by: tuple[str, ...] = ()
    """The normalised names of those that require it."""
    seconds: float = 0.0
    """How long it took to fetch or build it."""
    waived: tuple[str, ...] = ()
    """The faults of its wheel that the user waived."""


def _texts(values: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()}
