"""A wheel for the host and where it is from: one record, from the cache to what a wheelhouse and an image hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from packaging.direct_url import DirectUrl, DirectUrlValidationError
from packaging.utils import parse_wheel_filename

from crossbuild.errors import SourceError
from crossbuild.wheels.bundled import bundled_libraries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from packaging.version import Version

    from crossbuild.provenance.inputs import Inputs
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.bundled import BundledLibrary
    from crossbuild.wheels.host_libraries import HostLibrary


class How(StrEnum):
    """How a wheel came to be here."""

    BUILT = "built"
    DOWNLOADED = "downloaded"
    KEPT = "from cache"
    """Built or downloaded at an earlier time."""
    LOCAL = "local"
    """It was a wheel on this machine."""


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
            filename=_filename(url),
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
            filename=_filename(direct.url) if archive else "",
            hashes=dict(archive.hashes or {}) if archive else {},
            direct=direct,
        )

    @property
    def provenance(self) -> Mapping[str, Any] | None:
        """What ``provenance_url.json`` says (PEP 710); None for what is of no index, or not known by its hash."""
        # PEP 710 is for files of an index alone. What has a URL of its own has the file of PEP 610.
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
class Distribution:
    """A wheel for the host, here, and all that is known of it; each stage that it passes adds what it finds."""

    name: str
    """The project's normalised name."""
    version: Version
    wheel: Path
    origin: Origin
    packages: frozenset[str] = frozenset()
    """The packages that were added to the host's sysroot to build it."""
    emulation: Mapping[str, str] = field(default_factory=dict)
    """What of its build was emulated (``level``), by what (``by``) and why (``why``); empty if nothing was."""
    is_kept: bool = False
    """Whether it was downloaded or built at an earlier time."""
    inputs: Inputs | None = None
    """What it was built of; None unless that was recorded."""
    report: WheelReport | None = None
    """What the audit found in the wheel, with its hash; None until it is audited."""
    statement: Path | None = None
    """The statement of where it is from, beside the wheel, where there is one."""
    requested: bool = False
    """Whether the user requested it, and it is not only a dependency."""
    required_by: tuple[str, ...] = ()
    """The normalised names of those that require it."""
    seconds: float = 0.0
    """How long it took to fetch or build it."""
    unpack: Callable[[], Path] | None = field(default=None, compare=False, repr=False)
    """Returns the directory of the project that it was built of; None where that is not known."""

    @classmethod
    def from_wheel(
        cls,
        wheel: Path,
        *,
        origin: Origin | None = None,
        packages: frozenset[str] = frozenset(),
        is_kept: bool = False,
        inputs: Inputs | None = None,
        report: WheelReport | None = None,
        emulation: Mapping[str, str] | None = None,
    ) -> Self:
        """Return what ``wheel`` is by its name; without an ``origin``, it is the origin itself."""
        name, version, *_ = parse_wheel_filename(wheel.name)
        origin = origin or Origin(url=wheel.absolute().as_uri(), filename=wheel.name)
        return cls(
            name=name,
            version=version,
            wheel=wheel,
            origin=origin,
            packages=packages,
            is_kept=is_kept,
            inputs=inputs,
            report=report,
            emulation=emulation or {},
        )

    def source(self) -> Path:
        """Return the directory of the project that it was built of. Raises SourceError if that is not known."""
        if self.unpack is None:
            raise SourceError(
                f"{self.wheel.name} has no source here.",
                why="It was taken as a wheel.",
                fix="Give the project or its sdist.",
            )
        return self.unpack()

    @property
    def how(self) -> How:
        """How the wheel came to be here."""
        if self.is_kept:
            return How.KEPT
        if not self.origin.is_wheel:
            return How.BUILT
        return How.LOCAL if self.origin.is_here else How.DOWNLOADED

    @property
    def audited(self) -> WheelReport:
        """What the audit found in the wheel. Raises LookupError if it was not audited."""
        if self.report is None:
            raise LookupError(self.name)
        return self.report

    @property
    def waived(self) -> tuple[str, ...]:
        """The faults of its wheel that the user waived."""
        return self.report.waived if self.report else ()


@dataclass(frozen=True, kw_only=True)
class BuiltWheel:
    """A wheel that was delivered."""

    path: Path
    name: str
    """The project's normalised name."""
    version: str
    tags: tuple[str, ...]
    """``cp311-cp311-linux_aarch64``; more than one where the file name holds a compressed set."""
    size: int
    """Bytes."""
    sha256: str
    seconds: float
    elf_files: int
    """How many ELF files it holds, each of them checked."""
    host_libraries: tuple[HostLibrary, ...] = ()
    """What the host must have for the wheel to load, its C library aside."""
    bundled_libraries: tuple[BundledLibrary, ...] = ()
    """What crossbuild put into the wheel, since hosts may not have it."""
    origin: Origin | None = None
    """What it was built from; or the wheel itself, if it was taken from an index."""
    packages: frozenset[str] = frozenset()
    """The distribution's packages that were added to the host's sysroot to build it, by name."""
    emulation: Mapping[str, str] = field(default_factory=dict)
    """What of its build was emulated (``level``), by what (``by``) and why (``why``); empty if nothing was."""
    waived: tuple[str, ...] = ()
    """The faults that the user waived."""
    how: str = "built"
    """How it came to be here: ``built``, ``downloaded``, ``from cache`` or ``local``, a wheel on this machine."""
    statement: Path | None = None
    """The file that says what it was built from, if ``provenance`` was wanted and it was built by crossbuild."""

    @classmethod
    def from_distribution(cls, distribution: Distribution) -> Self:
        """Return what there is to tell of an audited ``distribution``."""
        wheel, report = distribution.wheel, distribution.audited
        name, version, _, tags = parse_wheel_filename(wheel.name)
        return cls(
            path=wheel,
            name=name,
            version=str(version),
            tags=tuple(sorted(map(str, tags))),
            size=wheel.stat().st_size,
            sha256=report.sha256,
            seconds=distribution.seconds,
            elf_files=len(report.elf_files),
            host_libraries=report.host_libraries,
            bundled_libraries=bundled_libraries(wheel),
            origin=distribution.origin,
            packages=distribution.packages,
            emulation=distribution.emulation,
            waived=report.waived,
            how=str(distribution.how),
            statement=distribution.statement,
        )


def _filename(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])


def _texts(values: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()}
