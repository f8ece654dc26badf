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
    from collections.abc import Mapping

    from crossbuild.building.build_venv import BuildVenv
    from crossbuild.building.overlay.needs import HostNeed


def lay(wheel: Path, *, over: HostNeed, venv: BuildVenv) -> tuple[Path, ...]:
    """Put the interface files of ``wheel``, a host's, in the place of those in ``venv``.

    What is the same stays; what the host does not have is removed. Each file is renamed into place, never written to:
    installers hard-link their caches into venvs. Returns the files that were replaced, added or removed. Raises
    RequirementsError for a wheel that cannot be read; then nothing has changed.
    """
    try:
        members = _read(wheel, _schemes(venv, over.name))
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


def _schemes(venv: BuildVenv, name: str) -> dict[str, Path]:
    """Return where uv puts the parts of a wheel of the project ``name``, which is normalised, but for its scripts."""
    # Scripts are run, even if their names end like those of headers.
    return {
        "purelib": venv.site_packages,
        "platlib": venv.site_packages,
        "headers": venv.headers / name,
        "data": venv.directory,
    }


def _read(wheel: Path, schemes: Mapping[str, Path]) -> dict[Path, bytes]:
    """Return the interface files of ``wheel`` by the places that an installer puts them into."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            place: archive.read(member)
            for member in archive.namelist()
            if Path(member).suffix in INTERFACE and (place := _installed(member, schemes))
        }


def _installed(member: str, schemes: Mapping[str, Path]) -> Path | None:
    """Return where an installer puts ``member``; None for what is not for compilers."""
    # Malicious names that lead out of the venv.
    if ".." in Path(member).parts or "//" in f"/{member}":
        return None
    top, _, rest = member.partition("/")
    if not top.endswith(".data"):
        return None if top.endswith(".dist-info") else schemes["platlib"] / member
    part, _, rest = rest.partition("/")
    return schemes[part] / rest if part in schemes else None


def _replace(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with replaced(place) as beside:
        beside.write_bytes(content)
