"""The packages that libraries of a root are from: their versions and licences.

Sources: Debian's policy (12.5, copyright files) and its "Machine-readable debian/copyright file"; os-release(5);
dpkg(1) for ``/var/lib/dpkg/status``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.errors import CrossbuildError
from crossbuild.host.reading.files import follow, read_text
from crossbuild.sysroot.model import MANIFEST, Sysroot
from crossbuild.wheels.host_libraries import HostLibraries, describe_libraries

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.repair.needed import FoundLibrary

_DATABASE = "var/lib/dpkg"
_LARGEST = 1 << 28
"""Bytes of a database of packages."""
_FIELD = re.compile(r"^([A-Za-z-]+):[ \t]*(.*)$", re.MULTILINE)
_LICENSE = re.compile(r"^License:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_OS_FIELD = re.compile(r"^(ID|VERSION_CODENAME)=[\"']?([\w.-]+)[\"']?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class LibraryPackage:
    """A distribution's package."""

    name: str
    version: str
    architecture: str
    """As Debian calls it: ``arm64``."""
    distribution: str = ""
    """``debian``; empty where nothing tells."""
    suite: str = ""
    """``bookworm``."""
    copyright: str = ""
    """The text of its copyright file; empty if the root does not have it."""

    @property
    def licenses(self) -> tuple[str, ...]:
        """The names of its licences; none if the copyright file is not for machines to read."""
        return tuple(dict.fromkeys(_LICENSE.findall(self.copyright))) if self.copyright.startswith("Format:") else ()


def package_of(library: FoundLibrary) -> LibraryPackage | None:
    """Return the package that ``library`` is from; None if nothing tells."""
    provider = library.provider
    # The compiler's own are in a root, too: that of its packages.
    root = library.root or next((above for above in provider.file.parents if (above / _DATABASE).is_dir()), None)
    if root is None:
        return None
    libraries = HostLibraries(root=root, providers={provider.soname: provider})
    (described,) = describe_libraries([provider.soname], libraries)
    return _read_package(described.package, root) if described.package else None


def _read_package(name: str, root: Path) -> LibraryPackage | None:
    paragraphs = _text(root, f"{_DATABASE}/status").split("\n\n")
    own = next((one for one in paragraphs if one.lstrip("\n").startswith(f"Package: {name}\n")), "")
    fields = dict(_FIELD.findall(own))
    if "Version" not in fields:
        return None
    distribution, suite = _release(root)
    return LibraryPackage(
        name=name,
        version=fields["Version"],
        architecture=fields.get("Architecture", ""),
        distribution=distribution,
        suite=suite,
        copyright=_text(root, f"usr/share/doc/{name}/copyright"),
    )


def _release(root: Path) -> tuple[str, str]:
    if (root / MANIFEST).is_file():
        name = Sysroot.from_directory(root).name
        return name.distribution, name.suite
    fields = dict(_OS_FIELD.findall(_text(root, "etc/os-release") or _text(root, "usr/lib/os-release")))
    return fields.get("ID", ""), fields.get("VERSION_CODENAME", "")


def _text(root: Path, path: str) -> str:
    """Return what the file ``path`` of ``root`` holds; nothing if it cannot be read."""
    try:
        return read_text(follow(root / path, root=root), limit=_LARGEST)
    except CrossbuildError:
        return ""
