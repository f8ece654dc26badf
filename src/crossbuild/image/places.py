"""Where a path of the host's is in a root: links are followed as on the host, and none leads out."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MOST_LINKS = 40
"""How many links a path may lead through, as in Linux."""


class EscapeError(ValueError):
    """A path that leaves the root, or leads nowhere; its text is the end of a sentence that begins with the path."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """The paths in a root, each asked for once."""

    root: Path
    _known: dict[PurePosixPath, Path] = field(default_factory=dict)

    def find(self, path: PurePosixPath) -> Path:
        """Return where ``path`` is on this machine, its directories' links followed; it need not exist.

        Raises EscapeError where a link on the way leads out of the root or to something that is no directory.
        """
        normal = PurePosixPath(os.path.normpath(path))
        return self._directory(normal.parent) / normal.name if normal.name else self.root

    def path_of(self, real: Path) -> PurePosixPath:
        """Return what the host calls ``real``."""
        return PurePosixPath("/", real.relative_to(self.root))

    def _directory(self, path: PurePosixPath) -> Path:
        if path not in self._known:
            self._known[path] = self._follow(path)
        return self._known[path]

    def _follow(self, path: PurePosixPath, links: int = 0) -> Path:
        here = self.root
        for part in path.parts[1:]:
            step = self._step(here, part)
            if step.is_symlink():
                here = self._linked(step, links + 1)
            elif os.path.lexists(step) and not step.is_dir():
                raise EscapeError(f"is below {self.path_of(step)}, which is no directory")
            else:
                here = step
        return here

    def _step(self, here: Path, part: str) -> Path:
        if part != "..":
            return here / part
        if here == self.root:
            raise EscapeError("leaves the root by a symbolic link")
        return here.parent

    def _linked(self, link: Path, links: int) -> Path:
        if links > _MOST_LINKS:
            raise EscapeError("is below symbolic links that go round in circles")
        target = link.readlink()
        # An absolute link is the host's; PurePosixPath drops what is before it.
        found = self._follow(self.path_of(link.parent) / target, links)
        if not found.is_dir():
            raise EscapeError(
                f"is below {self.path_of(link)}, a symbolic link that leads outside of the root ({target})"
            )
        return found
