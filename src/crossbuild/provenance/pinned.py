"""The build requirements of a build: the files that were installed, by what uv locked (PEP 751) and installed."""

from __future__ import annotations

from email.parser import HeaderParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from crossbuild.provenance.resource import Resource
from crossbuild.system.documents import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_ROLE = "build-requirement"


def build_requirements(lock: Path, site_packages: Path) -> tuple[Resource, ...]:
    """Return what was installed of ``lock`` in ``site_packages``; nothing if there is no such file.

    Raises OSError, ValueError or LookupError if uv wrote something else than PEP 751 says.
    """
    packages = read_toml(lock).get("packages", []) if lock.is_file() else []
    return tuple(sorted(map_installed(packages, site_packages), key=lambda one: one.name))


def map_installed(packages: Iterable[Mapping[str, Any]], site_packages: Path) -> Iterator[Resource]:
    """Yield the file that each of ``packages`` was installed from."""
    for package in packages:
        name, version = str(package["name"]), str(package.get("version", ""))
        file = _installed_file(package, _tags(site_packages, name))
        where = str(file.get("url") or file.get("path") or "")
        # A local path is not said. Its file's name is, as what the project is called otherwise.
        filename = unquote(urlsplit(where).path.rpartition("/")[2]) or name
        yield Resource.from_file(
            _ROLE, filename, project=name, version=version, url=_url_of(file), hashes=file.get("hashes", {})
        )


def _installed_file(package: Mapping[str, Any], tags: frozenset[str]) -> Mapping[str, Any]:
    wheels = package.get("wheels", [])
    fitting = [wheel for wheel in wheels if _tags_of(wheel) == tags] or (wheels if len(wheels) == 1 else [])
    if len(fitting) == 1:
        return dict(fitting[0])
    kinds = ("archive", "vcs", "directory") if wheels else ("archive", "vcs", "directory", "sdist")
    return next((dict(package[kind]) for kind in kinds if kind in package), {})


def _url_of(file: Mapping[str, Any]) -> str:
    url, commit = str(file.get("url", "")), str(file.get("commit-id", ""))
    return f"git+{url}@{commit}" if commit else url


def _tags_of(wheel: Mapping[str, Any]) -> frozenset[str]:
    where = str(wheel.get("name") or wheel.get("url") or wheel.get("path") or "")
    try:
        return frozenset(map(str, parse_wheel_filename(unquote(where.rpartition("/")[2]))[3]))
    except InvalidWheelFilename:
        return frozenset()


def _tags(site_packages: Path, name: str) -> frozenset[str]:
    """Return the tags that the installed wheel of the project ``name`` says it has."""
    from packaging.utils import canonicalize_name

    for metadata in site_packages.glob("*.dist-info/WHEEL"):
        if canonicalize_name(metadata.parent.name.partition("-")[0]) == name:
            message = HeaderParser().parsestr(metadata.read_text(encoding="utf-8"))
            return frozenset(map(str, message.get_all("Tag", [])))
    return frozenset()
