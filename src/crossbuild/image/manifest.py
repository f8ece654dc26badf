"""A list of all that is installed in an image, and of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossbuild.image.installed import installed_in, required_by
from crossbuild.image.places import EscapeError, Places
from crossbuild.system.filesystem import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.model import Host
    from crossbuild.image.installed import Installed
    from crossbuild.image.wheel_layout import Layout

FORMAT = 1
"""The version of the document's form."""


def manifest(layout: Layout, host: Host) -> dict[str, Any]:
    """Return what is installed in ``layout``, the root of ``host``, as a JSON document."""
    installed = installed_in(layout)
    askers = required_by(installed, host)
    places = Places(root=layout.root)
    return {
        "crossbuild-manifest": FORMAT,
        "scheme": layout.scheme,
        "interpreter": layout.interpreter,
        "packages": [_package(one, askers[one.name], places) for one in installed],
    }


def _package(one: Installed, askers: tuple[str, ...], places: Places) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.version,
        "requested": one.requested,
        "required-by": list(askers),
        "installer": one.installer,
        "waived": list(one.waived),
        "origin": one.origin.facts if one.origin else None,
        "files": list(_files(one, places)),
    }


def _files(one: Installed, places: Places) -> Iterator[dict[str, Any]]:
    for path in sorted(one.files):
        try:
            file = places.content(path)
            size, sha256 = file.stat().st_size, sha256_of(file)
        except (EscapeError, OSError):
            continue
        yield {"path": str(path), "size": size, "sha256": sha256}
