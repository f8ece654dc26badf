"""What the cache has of releases, found quickly for a shell that completes words: nothing is fetched or locked."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError
from crossbuild.sysroot.names import SysrootName

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# As SysrootStore names its links. Not read from the manifests: what reads these takes a while to import.
_LINK = re.compile(r"(?P<distribution>[a-z]+)-(?P<suite>.+?)-(?P<architecture>\w+)(?:-from-\w+)?")
_PACKAGE = re.compile(r"^Package: (\S+)$", re.MULTILINE)


def cached_releases(cache: Path) -> list[SysrootName]:
    """Return the releases that the cache has shared sysroots of."""
    links = (_LINK.fullmatch(link.name) for link in sorted((cache / "sysroot/by-name").glob("[!.]*")))
    found = {}
    for link in filter(None, links):
        with suppress(SysrootError):
            name = SysrootName.from_text(":".join(link.group("distribution", "suite", "architecture")))
            found[str(name)] = name
    return list(found.values())


def cached_packages(cache: Path, name: SysrootName, environ: Mapping[str, str]) -> set[str]:
    """Return the names of the packages of ``name``, as far as apt has fetched its lists: nothing if it never has."""
    states = (cache / "apt").glob(f"{name.distribution}-{name.suite}-{name.debian_architecture}-*")
    return {package for state in states for package in _packages(state, environ)}


def _packages(state: Path, environ: Mapping[str, str]) -> list[str]:
    """Return the names of the packages in the lists of a state of apt. Raises SysrootError, or OSError."""
    names, lists = state / "package-names.txt", state / "lists"
    # The lists are some 50 MB of text, and compressed, so that reading them again for each key would take too long.
    with suppress(FileNotFoundError):
        if names.stat().st_mtime > lists.stat().st_mtime:
            return names.read_text(encoding="utf-8").split()
    files = sorted(lists.glob("*_Packages*"))
    if not files:
        return []
    found = _read(files, environ)
    from crossbuild.system.filesystem import write_text

    with suppress(OSError):  # the cache may be somebody else's
        write_text(names, "\n".join(found))
    return found


def _read(files: list[Path], environ: Mapping[str, str]) -> list[str]:
    from crossbuild.sysroot.downloads import apt_helper
    from crossbuild.system.programs import run_program

    shown = run_program([apt_helper(), "cat-file", *files], env=environ)
    return sorted(set(_PACKAGE.findall(shown.stdout)))
