"""The variables of a cross environment: how a process gets in, and out again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

KEPT = "CROSSBUILD_OUTSIDE_"
"""What precedes a variable's name where its value outside is kept."""
_OUTSIDE = "outside.sh"


@dataclass(frozen=True, kw_only=True)
class Variables:
    """What is different inside."""

    own: Mapping[str, str]
    """Those that are set. ``PATH`` is not among them."""
    removed: tuple[str, ...]
    """Those that are not set inside."""
    path: tuple[str, ...]
    """The directories that come before the ``PATH`` of outside."""

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Self:
        """Read what ``dataclasses.asdict`` makes of one."""
        return cls(own=facts["own"], removed=tuple(facts["removed"]), path=tuple(facts["path"]))

    def left(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of outside, for a process of ``environ`` inside; what was changed since stays so."""
        unchanged = {name for name, value in self.own.items() if environ.get(name) == value}
        unchanged |= {name for name in self.removed if not environ.get(name)}
        others = {name: value for name, value in environ.items() if name not in unchanged and not name.startswith(KEPT)}
        kept = {name: environ[KEPT + name] for name in unchanged if KEPT + name in environ}
        # Only as a whole, and between colons: the user may have one of these directories on PATH without us.
        path = f":{environ.get('PATH', '')}".replace(f":{':'.join(self.path)}:", ":", 1)
        return {**others, **kept, "PATH": path.removeprefix(":")}

    def entered(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a process inside, for one of ``environ`` outside."""
        names = {*self.own, *self.removed}
        kept = {f"{KEPT}{name}": value for name, value in environ.items() if name in names}
        others = {name: value for name, value in environ.items() if name not in self.removed}
        path = os.pathsep.join((*self.path, environ.get("PATH", os.defpath)))
        return {**others, **kept, **self.own, "PATH": path}


def write_outside(directory: Path, variables: Variables) -> Path:
    """Write into ``directory`` what a POSIX shell reads to get out of the environment, and return the file.

    What was changed since stays as it was changed.
    """
    lines = ["# Read by a shell: the environment becomes what it was outside."]
    lines += [f'[ "${{{name}-}}" != {quote(value)} ] || {_restored(name)}' for name, value in variables.own.items()]
    lines += [f'[ -n "${{{name}-}}" ] || {_restored(name)}' for name in variables.removed]
    lines += [f"unset {KEPT}{name}" for name in (*variables.own, *variables.removed)]
    lines += _path_lines(variables)
    file = directory / _OUTSIDE
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file


def outside_file(directory: Path) -> Path:
    """Return the file of :func:`write_outside`."""
    return directory / _OUTSIDE


def _restored(name: str) -> str:
    kept = f"{KEPT}{name}"
    return f'if [ -n "${{{kept}+set}}" ]; then export {name}="${kept}"; else unset {name}; fi'


def _path_lines(variables: Variables) -> Iterator[str]:
    own = quote(f":{':'.join(variables.path)}:")
    yield f"case :$PATH in *{own}*) PATH=:$PATH; PATH=${{PATH%%{own}*}}:${{PATH#*{own}}}; PATH=${{PATH#:}} ;; esac"
