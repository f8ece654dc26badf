"""What may be said in a statement that others read: nothing that is only on this machine, and no secret.

What may not be said is not left out silently: an object with the key ``withheld`` says why, and for a file, its hash.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossbuild.redaction import holds_secret, without_login
from crossbuild.system.filesystem import sha256_of

WITHHELD = "withheld"
"""The key of what stands for a value that may not be said; its value says why."""
_PATH = re.compile(r"(?:(?<![\w.~/])|(?<=-[A-Za-z]))/(?!/)[^\s:;,'\"=<>|]+|(?<!\w)~/|file:/")
"""What looks like an absolute path, also behind an option such as ``-I``; the slashes of a URL do not."""
_SAME_EVERYWHERE = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/dev")
_HOMES = ("/home", "/root")
_SECRET_NAME = re.compile(r"token|passw|secret|credential|api_?key|private_?key", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """A value that a statement does not say."""

    why: str
    sha256: str = ""
    """Of the file that it is."""

    @classmethod
    def from_json(cls, value: object) -> Withheld | None:
        """Return what stands for ``value``, None if it is said."""
        if isinstance(value, Mapping) and WITHHELD in value:
            return cls(why=str(value[WITHHELD]), sha256=str(value.get("sha256", "")))
        return None

    def to_json(self) -> dict[str, str]:
        """Return what :meth:`from_json` reads."""
        return {WITHHELD: self.why, **({"sha256": self.sha256} if self.sha256 else {})}


def portable(value: Any, name: str = "") -> Any:
    """Return what a statement says of ``value``, an option's or a variable's called ``name``, as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): portable(one, str(key)) for key, one in sorted(value.items())}
    if isinstance(value, (set, frozenset)):
        return [portable(one, name) for one in sorted(value)]
    if isinstance(value, (list, tuple)):
        return [portable(one, name) for one in value]
    if isinstance(value, Path):
        return _of_path(value).to_json()
    return _of_text(value, name) if isinstance(value, str) else value


def portable_place(text: str) -> Any:
    """Return what a statement says of ``text``, a word for something or the path of it."""
    return _of_path(Path(text)).to_json() if os.path.lexists(text) or "/" in text else portable(text)


def portable_url(url: str) -> str:
    """Return ``url`` without user and password; empty if it leads to this machine, or holds another secret."""
    bare = without_login(url)
    scheme, slashes, _ = bare.partition("://")
    # A repository of this machine is at ``git+file://``.
    return bare if slashes and scheme.rpartition("+")[2] != "file" and not holds_secret(bare) else ""


def withheld_in(value: Any, name: str) -> dict[str, Withheld]:
    """Return what a statement withholds in ``value``, by the names of the places: ``environment.CFLAGS``."""
    if found := Withheld.from_json(value):
        return {name: found}
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    inner = ((f"{name}.{key}" if isinstance(value, Mapping) else name, one) for key, one in parts)
    return {place: found for key, one in inner for place, found in withheld_in(one, key).items()}


def _of_path(path: Path) -> Withheld:
    if path.is_file():
        return Withheld(why="a file of the build machine", sha256=sha256_of(path))
    return Withheld(why="a directory of the build machine")


def _of_text(text: str, name: str) -> Any:
    if holds_secret(text) or _SECRET_NAME.search(name):
        return Withheld(why="a secret").to_json()
    if any(_is_here(found[0]) for found in _PATH.finditer(text)):
        return Withheld(why="a path of the build machine").to_json()
    return text


def _is_here(path: str) -> bool:
    """Return whether ``path`` tells of this machine: others have the directories of the system at the same places."""
    if path.startswith(("~", "file:")):
        return True
    if _is_below(path, _SAME_EVERYWHERE):
        return False
    return _is_below(path, (*_HOMES, str(Path.home()))) or os.path.lexists(path)


def _is_below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)
