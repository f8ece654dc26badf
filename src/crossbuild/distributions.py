"""A wheel for the host and where it is from: what a wheelhouse holds, and what is installed into an image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
    direct: Mapping[str, Any] | None = None
    """What ``direct_url.json`` says (PEP 610), where the user named a URL, a path or a repository; else None."""

    @property
    def is_wheel(self) -> bool:
        """Whether the wheel was taken as it is, rather than built here."""
        return self.filename.endswith(".whl")


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A wheel for the host, here, and where it is from."""

    name: str
    """The project's normalised name."""
    version: Version
    wheel: Path
    origin: Origin
    requested: bool = False
    """Whether the user asked for it, and not only what he asked for."""
    required_by: tuple[str, ...] = ()
    """The normalised names of those that require it."""
    seconds: float = 0.0
    """How long it took to fetch or build it."""
