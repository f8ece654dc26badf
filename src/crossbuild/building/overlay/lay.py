"""Lay what a host's wheel has for compilers over the build machine's copy of the same distribution.

Only files that are read by compilers, linkers and build tools: never what a Python of the build machine imports or
runs. Sources: the binary distribution format (where the parts of a wheel are installed), sysconfig's scheme ``venv``.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.building.overlay.needs import INTERFACE
from crossbuild.errors import RequirementsError
from crossbuild.system.filesystem import replaced

if TYPE_CHECKING:
    from crossbuild.building.overlay.needs import HostNeed


def lay(wheel: Path, *, over: HostNeed, site_packages: Path) -> tuple[Path, ...]:
    """Put the interface files of ``wheel``, a host's, in the place of those in the venv of ``site_packages``.

    What is the same stays; what the host does not have is removed. Each file is renamed into place, never written to:
    installers hard-link their caches into venvs. Returns the files that were replaced, added or removed. Raises
    RequirementsError for a wheel that cannot be read; then nothing has changed.
    """
    try:
        members = _read(wheel, over.name, site_packages)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise RequirementsError(
            f"{wheel}, which is compiled against, cannot be read.",
            why=str(error) or type(error).__name__,
            fix="Download the wheel again.",
        ) from None
    changed = [place for place, content in members.items() if not place.is_file() or place.read_bytes() != content]
    for place in changed:
        _replace(place, members[place])
    absent = [file for file in over.interface if file.resolve() not in members]
    for file in absent:
        file.unlink()
    return (*changed, *absent)


def _read(wheel: Path, name: str, site_packages: Path) -> dict[Path, bytes]:
    """Return the interface files of ``wheel`` by the places that an installer puts them into."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            place: archive.read(member)
            for member in archive.namelist()
            if Path(member).suffix in INTERFACE and (place := _installed(member, name, site_packages))
        }


def _installed(member: str, name: str, site_packages: Path) -> Path | None:
    """Return where an installer puts ``member``; None for what is not for compilers."""
    if ".." in Path(member).parts or "//" in f"/{member}":
        return None
    top, _, rest = member.partition("/")
    if not top.endswith(".data"):
        return None if top.endswith(".dist-info") else site_packages / member
    part, _, rest = rest.partition("/")
    venv, python = site_packages.parents[2], site_packages.parent.name
    places = {
        "purelib": site_packages,
        "platlib": site_packages,
        "headers": venv / "include/site" / python / name,
        "data": venv,
    }
    return places[part] / rest if part in places else None


def _replace(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with replaced(place) as beside:
        beside.write_bytes(content)
