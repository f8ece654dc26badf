"""A list of all that is installed in an image, and of its files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from crossbuild.image.installed import installed_in
from crossbuild.image.places import EscapeError, Places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crossbuild.distributions import Distribution
    from crossbuild.image.installed import Installed
    from crossbuild.image.layout import Layout

FORMAT = 1
"""The version of the document's form."""


def manifest(layout: Layout, distributions: Iterable[Distribution] = ()) -> dict[str, Any]:
    """Return what is installed in ``layout``, as a JSON document.

    ``distributions`` tell where those are from that were installed by them; the others' ``direct_url.json`` may.
    """
    known = {distribution.name: distribution for distribution in distributions}
    places = Places(root=layout.root)
    return {
        "crossbuild-manifest": FORMAT,
        "scheme": layout.scheme,
        "interpreter": layout.interpreter,
        "packages": [_package(one, known.get(one.name), places) for one in installed_in(layout)],
    }


def _package(one: Installed, known: Distribution | None, places: Places) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.version,
        "requested": known.requested if known else one.requested,
        "required-by": sorted(known.required_by) if known else [],
        "installer": one.installer,
        "origin": _origin(one, known),
        "files": list(_files(one, places)),
    }


def _origin(one: Installed, known: Distribution | None) -> dict[str, Any]:
    if known:
        origin = known.origin
        facts = {"url": origin.url, "filename": origin.filename, "hashes": dict(sorted(origin.hashes.items()))}
        return {**facts, "index": origin.index, "built": not origin.is_wheel}
    url = one.direct.get("url") if isinstance(one.direct, dict) else None
    return {"url": url} if isinstance(url, str) else {}


def _files(one: Installed, places: Places) -> Iterator[dict[str, Any]]:
    for path in sorted(one.files):
        try:
            content = places.find(path).read_bytes()
        except (EscapeError, OSError):
            continue
        yield {"path": str(path), "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
