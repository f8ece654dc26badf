"""METADATA and PKG-INFO files, as packaging reads them, and with pip's patience for what the world has published.

Source: the core metadata specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from packaging.metadata import parse_email

if TYPE_CHECKING:
    from packaging.metadata import RawMetadata

_ONCE = ("metadata-version", "name", "version", "requires-python", "license", "license-expression")
_SEVERAL = ("requires-dist", "provides-extra", "dynamic")


def read_core_metadata(content: bytes | str) -> RawMetadata:
    """Return the fields of ``content``. Of a field that may be there once, the first counts.

    What packaging returns apart, because it is not UTF-8, stays where it can be refused: a requirement must not get
    lost.
    """
    fields, broken = parse_email(content)
    kept: dict[str, object] = {name: broken[name][0] for name in _ONCE if name in broken}
    kept |= {name: broken[name] for name in _SEVERAL if name in broken}
    return cast("RawMetadata", {name.replace("-", "_"): value for name, value in kept.items()} | {**fields})
