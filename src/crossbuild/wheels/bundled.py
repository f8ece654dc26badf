"""The libraries that came along with a wheel when crossbuild repaired it, by the bill of materials in it.

Source: PEP 770, CycloneDX 1.6; ``crossbuild.repair`` writes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossbuild.wheels.archive import open_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BILL = "sboms/crossbuild.cdx.json"
"""The bill in the ``.dist-info`` directory."""
SONAME = "crossbuild:soname"
"""The property of a file with the name that the library was needed by: in the wheel it has another."""


@dataclass(frozen=True, kw_only=True)
class BundledLibrary:
    """A library in a wheel that is from the host's sysroot or from the toolchain."""

    soname: str
    """What it was needed by: ``libyaml-0.so.2``."""
    path: str
    """The member of the wheel that it is now."""
    sha256: str
    """Of that, as hexadecimal digits."""
    package: str = ""
    """The distribution's package that it is from; empty where nothing tells."""
    version: str = ""
    """Of the package."""
    licenses: tuple[str, ...] = ()
    """Of the package: first that of most files; none if they are not known."""

    def __str__(self) -> str:
        """Return ``libyaml-0.so.2 (libyaml-0-2 0.2.5-1, Expat and 1 more license)``."""
        if not self.package:
            return f"{self.soname} (of no known package)"
        first, *others = self.licenses or ("license unknown",)
        # Tests and build scripts have licences of their own, so there are many.
        more = f" and {len(others)} more license{'s' if len(others) > 1 else ''}" if others else ""
        return f"{self.soname} ({self.package} {self.version}, {first}{more})"


def bundled_libraries(wheel: Path) -> tuple[BundledLibrary, ...]:
    """Return what the bill in ``wheel`` lists, by soname. Raises AuditError if it is no wheel."""
    with open_wheel(wheel) as archive:
        name = f"{archive.dist_info}/{BILL}"
        if not any(info.filename == name for info in archive.members):
            return ()
        text = archive.read(name)
    try:
        return tuple(sorted(_read(json.loads(text)), key=lambda one: one.soname))
    except (ValueError, LookupError, TypeError):
        # Whoever else writes a file of that name may do so in another way.
        return ()


def _read(bill: Mapping[str, Any]) -> Iterator[BundledLibrary]:
    for component in bill.get("components", ()):
        for file in component["components"]:
            properties = {one["name"]: one["value"] for one in file["properties"]}
            yield BundledLibrary(
                soname=properties[SONAME],
                path=file["name"],
                sha256=file["hashes"][0]["content"],
                package=component["name"] if "purl" in component else "",
                version=component.get("version", ""),
                licenses=tuple(one["license"]["name"] for one in component.get("licenses", ())),
            )
