"""Reading a JSON document of somebody else's making, value by value; what is wrong is told by where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from crossbuild.errors import HostError
from crossbuild.host.reading.variables import is_plain, is_text

if TYPE_CHECKING:
    from crossbuild.host.model import Variables


@dataclass(frozen=True, kw_only=True)
class Document:
    """A JSON object. Its methods raise HostError for a value of another type than they return."""

    values: Mapping[str, object]
    where: str
    """What it is called in messages."""
    fix: str
    """What the user can do about a wrong one."""

    def part(self, key: str) -> Self:
        """Return the object at ``key``, empty if there is none."""
        value = self.values.get(key)
        if not isinstance(value, Mapping | None):
            raise self._wrong(key, "an object")
        return replace(self, values=value or {}, where=f"{key} in {self.where}")

    def text(self, key: str) -> str:
        """Return the text at ``key``, empty if there is none."""
        value = self.values.get(key)
        if value is not None and not is_text(value):
            raise self._wrong(key, "a text")
        return value or ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts at ``key``, empty if there is none."""
        value = self.values.get(key)
        if not isinstance(value, list | None):
            raise self._wrong(key, "a list of texts")
        texts = tuple(one for one in value or () if is_text(one))
        if len(texts) != len(value or ()):
            raise self._wrong(key, "a list of texts")
        return texts

    def table(self, key: str) -> dict[str, str]:
        """Return the object of texts at ``key``, empty if there is none."""
        part = self.part(key)
        if not all(map(is_text, part.values)):
            raise self._wrong(key, "an object whose names are texts")
        return {name: part.text(name) for name in part.values}

    def variables(self, key: str) -> Variables:
        """Return the object of texts and whole numbers at ``key``, empty if there is none."""
        part = self.part(key)
        found = {name: value for name, value in part.values.items() if is_text(name) and is_plain(value)}
        odd = sorted(part.values.keys() - found.keys())
        if odd:
            raise self._wrong(f"{odd[0]} of {key}", "a text or a whole number")
        return found

    def _wrong(self, key: str, wanted: str) -> HostError:
        what = f"{key} in {self.where} is not {wanted}."
        # JSON can have keys that no terminal can print.
        return HostError(what.encode(errors="backslashreplace").decode().replace("\0", "\\0"), fix=self.fix)
