"""Lock files: what was chosen once, to be installed again (PEP 751)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from packaging.markers import Marker
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
    PylockSelectError,
    PylockValidationError,
)
from packaging.version import Version

from crossbuild.errors import RequirementsError, UsageError
from crossbuild.index.settings import check_url, file_of_url
from crossbuild.system.documents import read_toml
from crossbuild.system.requirement_text import check_marker, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from packaging.direct_url import DirectUrl
    from packaging.markers import Environment
    from packaging.tags import Tag
    from packaging.utils import NormalizedName

    from crossbuild.wheels.distribution import Distribution, Origin

_NAME = re.compile(r"pylock\.(?:[^.]+\.)?toml")
_MARKED = ("platform_machine", "sys_platform", "implementation_name", "python_version")
"""The variables that tell one host from another in a lock file."""


@dataclass(frozen=True, kw_only=True)
class LockedFile:
    """What a lock file has of one project for one host."""

    name: str
    """The project's normalised name."""
    url: str
    """Of a wheel, an sdist, an archive, a directory (``file:``), or a repository (``git+https:…@commit``)."""
    version: Version | None = None
    filename: str = ""
    """Of a wheel or an sdist of an index; empty for what is elsewhere."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Digests by algorithm; each has to be right."""
    index: str = ""
    """The index that lists it, if one does."""
    size: int | None = None
    """How many bytes it has, if that is written."""


def is_lockfile(file: Path) -> bool:
    """Return whether the name of ``file`` is that of a lock file: ``pylock.toml``, or ``pylock.NAME.toml``."""
    return _NAME.fullmatch(file.name) is not None


def read_lock(
    file: Path, *, environment: Mapping[str, str], tags: Sequence[Tag], is_built: Callable[[str], bool]
) -> list[LockedFile]:
    """Return what ``file`` has for a host with the markers ``environment`` and the installable ``tags``.

    ``is_built`` tells of which projects the sdist is meant, if there is one. Raises UsageError for a file that cannot
    be read, and RequirementsError if it is not for such a host.
    """
    try:
        lock = Pylock.from_dict(read_toml(file))
        # Otherwise a marker that cannot be evaluated would end in a traceback during the selection.
        for package in lock.packages:
            check_marker(package.marker, context="lock_file")
    except (OSError, ValueError, RecursionError, PylockValidationError) as error:
        raise UsageError(f"{file} is not a valid lock file.", why=shortened(str(error))) from None
    try:
        selected = list(
            lock.select(environment=cast("Environment", environment), tags=tags, prefer_sdist_predicate=is_built)
        )
    except PylockSelectError as error:
        raise RequirementsError(
            f"{file} is not for this host.", why=str(error), fix="Lock again for it: crossbuild wheel --lock."
        ) from None
    try:
        return [_locked(package, artifact, file) for package, artifact in selected]
    except UsageError as error:
        raise UsageError(f"{file}: {error.what}", fix=error.fix) from None
    except ValueError as error:
        raise UsageError(f"{file} is not a valid lock file.", why=str(error)) from None


def lock_text(distributions: Iterable[Distribution], file: Path, *, environment: Mapping[str, str]) -> str:
    """Return the lock file of ``distributions`` for hosts with the same platform markers as ``environment``.

    What is on this machine gets a path, relative to ``file``. Raises UsageError for a wheel whose hash is not known.
    """
    import tomli_w

    # All files are chosen for one host, so the lock file as a whole has a marker, and the packages have none.
    marker = " and ".join(f"{name} == '{environment[name]}'" for name in _MARKED)
    lock = Pylock(
        lock_version=Version("1.0"),
        environments=[Marker(marker)],
        created_by="crossbuild",
        packages=[_package(one, file) for one in sorted(distributions, key=lambda one: one.name)],
    )
    return tomli_w.dumps(lock.to_dict())


def _locked(
    package: Package,
    artifact: PackageVcs | PackageDirectory | PackageArchive | PackageWheel | PackageSdist,
    file: Path,
) -> LockedFile:
    subdirectory = None if isinstance(artifact, (PackageWheel, PackageSdist)) else artifact.subdirectory
    below = f"#subdirectory={subdirectory}" if subdirectory else ""
    place = artifact.url if not isinstance(artifact, PackageDirectory) else None
    if place:
        check_url(place, is_repository=isinstance(artifact, PackageVcs))
    url = place or (file.absolute().parent / (artifact.path or "")).resolve().as_uri()
    if isinstance(artifact, PackageVcs):
        return LockedFile(name=package.name, url=f"{artifact.type}+{url}@{artifact.commit_id}{below}")
    if isinstance(artifact, PackageDirectory):
        return LockedFile(name=package.name, url=f"{url}{below}")
    if isinstance(artifact, PackageArchive):
        return LockedFile(name=package.name, url=f"{url}{below}", hashes=artifact.hashes)
    return LockedFile(
        name=package.name,
        version=package.version,
        url=url,
        filename=artifact.filename,
        hashes=artifact.hashes,
        index=package.index or "",
        size=artifact.size,
    )


def _package(one: Distribution, file: Path) -> Package:
    name = cast("NormalizedName", one.name)
    if one.origin.direct:
        return Package(name=name, version=one.version, **_direct(one.origin, one.origin.direct, file))
    kind = PackageWheel if one.origin.is_wheel else PackageSdist
    url, path = _where(one.origin.url, file)
    artifact = kind(name=one.origin.filename, url=url, path=path, hashes=dict(one.origin.hashes))
    return Package(
        name=name,
        version=one.version,
        index=one.origin.index or None,
        **({"wheels": [artifact]} if one.origin.is_wheel else {"sdist": artifact}),
    )


def _direct(origin: Origin, direct: DirectUrl, file: Path) -> dict[str, Any]:
    below = direct.subdirectory
    url, path = _where(direct.url, file)
    if vcs := direct.vcs_info:
        return {
            "vcs": PackageVcs(
                type=vcs.vcs,
                url=url,
                path=path,
                requested_revision=vcs.requested_revision,
                commit_id=vcs.commit_id,
                subdirectory=below,
            )
        }
    if direct.dir_info:
        return {"directory": PackageDirectory(path=path or "", subdirectory=below)}
    return {"archive": PackageArchive(url=url, path=path, hashes=dict(origin.hashes), subdirectory=below)}


def _where(url: str, file: Path) -> tuple[str | None, str | None]:
    """Return the URL of what is elsewhere, or the path of what is here."""
    if urlsplit(url).scheme != "file":
        return url, None
    # PEP 751: relative to the lock file, so that both can be moved together.
    path = file_of_url(url)
    return None, Path(os.path.relpath(path, file.absolute().parent)).as_posix()
