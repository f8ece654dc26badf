"""Links that maintainer scripts would have made by update-alternatives, made from what the scripts say.

The scripts are read, never run: an ``update-alternatives --install LINK NAME PATH PRIORITY [--slave LINK NAME PATH]…``
in literal words, as debhelper writes it, is understood; one that a shell would have to compute is passed over. Of
several for one link, the highest priority wins, as in automatic mode. Source: update-alternatives(1).
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.sysroot.tree import Tree

# A command ends where it ends for a shell. What it pipes to, or does next, has words of its own.
_CALL = re.compile(r"update-alternatives\s[^;&|\n]*--install\s+(?P<words>[^;&|\n]*)")
_ASSIGNMENT = re.compile(r"^\s*(\w+)=(['\"]?)([\w./+-]*)\2\s*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """One candidate for a link, with the links that follow it."""

    link: str
    path: str
    priority: int
    slaves: tuple[tuple[str, str], ...] = ()
    """Links and paths."""

    @classmethod
    def from_words(cls, words: list[str]) -> Self | None:
        """Read ``LINK NAME PATH PRIORITY [--slave LINK NAME PATH]…``; None where that is not what it is."""
        try:
            link, _, path, priority, *rest = words
            slaves = tuple((rest[i + 1], rest[i + 3]) for i, word in enumerate(rest) if word == "--slave")
            return cls(link=link, path=path, priority=int(priority), slaves=slaves)
        except (ValueError, IndexError):
            return None


def alternatives_in(script: str) -> Iterator[Alternative]:
    """Yield what the maintainer script ``script`` would install, with its plain variables put in."""
    values = {name: value for name, _, value in _ASSIGNMENT.findall(script)}
    # Each --slave usually has a line of its own.
    for call in _CALL.finditer(re.sub(r"\\\n", " ", script)):
        text = re.sub(r"\$\{?(\w+)\}?", lambda found: values.get(found[1], found[0]), call["words"])
        try:
            alternative = Alternative.from_words(shlex.split(text))
        except ValueError:
            continue
        # What is still a variable only a shell could know.
        if alternative and "$" not in text:
            yield alternative


def set_alternatives(tree: Tree) -> None:
    """Make the links of all packages in ``tree``, which lead to the files themselves: there is no /etc/alternatives."""
    best: dict[str, Alternative] = {}
    # In the order of their names, so that of equal priorities the same one wins whatever was unpacked first.
    for script in sorted((tree.root / "var/lib/dpkg/info").glob("*.postinst")):
        for one in alternatives_in(script.read_text(encoding="utf-8", errors="replace")):
            if tree.has(one.path) and (one.link not in best or one.priority > best[one.link].priority):
                best[one.link] = one
    for one in best.values():
        for link, path in ((one.link, one.path), *one.slaves):
            if tree.has(path):
                tree.link(link, path)
