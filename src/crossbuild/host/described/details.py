"""The values of a ``build-details.json``, those of the right type, and what is wrong with it.

Source: PEP 739 with its JSON schema 1.0. Keys that are not in there are nobody's concern: later versions may have more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from crossbuild.host.reading.variables import is_plain, is_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_TYPES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}

_REQUIRED: dict[str, type] = {
    "schema_version": str,
    "base_prefix": str,
    "platform": str,
    "language": dict,
    "language.version": str,
    "implementation": dict,
    "implementation.name": str,
    "implementation.cache_tag": str,
    "implementation.hexversion": int,
    "implementation.version": dict,
    "abi.flags": list,
    "abi.extension_suffix": str,
    "c_api.headers": str,
}
"""By the names of the keys that lead there; in an object that may be left out, only if that is there."""

_OPTIONAL: dict[str, type] = {
    "base_interpreter": str,
    "language.version_info": dict,
    "implementation._multiarch": str,
    "abi": dict,
    "abi.stable_abi_suffix": str,
    "suffixes": dict,
    "suffixes.extensions": list,
    "libpython": dict,
    "libpython.dynamic": str,
    "libpython.dynamic_stableabi": str,
    "libpython.static": str,
    "libpython.link_extensions": bool,
    "c_api": dict,
    "c_api.include": str,
    "c_api.pkgconfig_path": str,
    "arbitrary_data": dict,
}

_VERSION: dict[str, type] = {"major": int, "minor": int, "micro": int, "releaselevel": str, "serial": int}
_VERSIONS = ("language.version_info", "implementation.version")
_VERSION_PARTS = {f"{version}.{key}": kind for version in _VERSIONS for key, kind in _VERSION.items()}


@dataclass(frozen=True, kw_only=True)
class Details:
    """What a ``build-details.json`` says, by the names of the keys that lead there: ``language.version``."""

    values: Mapping[str, object]
    defects: tuple[str, ...]
    """What PEP 739 says otherwise, a sentence each."""

    @classmethod
    def from_document(cls, document: Mapping[str, object], path: Path) -> Self:
        """Take from the ``document`` in ``path`` what can be used."""
        required = _REQUIRED | _VERSION_PARTS
        kinds = required | _OPTIONAL
        found = {key: _value(document, key) for key in kinds}
        values = {key: value for key, value in found.items() if _is(value, kinds[key])}
        defects = [
            f"{key} in {path} is {found[key]!r:.60}, not {_TYPES[kinds[key]]}."
            for key in kinds
            if key not in values and found[key] is not None
        ]
        defects += [
            f"{path} has no {key}, which PEP 739 requires."
            for key in required
            if found[key] in (None, "") and ("." not in key or key.rpartition(".")[0] in values)
        ]
        schema = values.get("schema_version", "1.0")
        if not re.fullmatch(r"1\.\d+", str(schema)):
            defects.append(f"schema_version in {path} is {schema!r:.60}; it was read as if it were '1.0'.")
        return cls(values=values, defects=tuple(defects))

    def text(self, key: str) -> str:
        """Return the text at ``key``, empty if there is none."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> list[str]:
        """Return the texts in the list at ``key``."""
        value = self.values.get(key)
        return [one for one in value if is_text(one)] if isinstance(value, list) else []

    def versions(self) -> Iterator[tuple[tuple[int, int], int | None]]:
        """Yield what it says of the version, with its third number where that is there."""
        text = re.fullmatch(r"(\d{1,4})\.(\d{1,4})", self.text("language.version"))
        if text:
            yield (int(text[1]), int(text[2])), None
        for version in _VERSIONS:
            major, minor, micro = (self.values.get(f"{version}.{key}") for key in ("major", "minor", "micro"))
            if isinstance(major, int) and isinstance(minor, int):
                yield (major, minor), micro if isinstance(micro, int) else None


def _value(document: Mapping[str, object], key: str) -> object:
    value: object = document
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and (kind in (dict, list, bool) or is_plain(value))
