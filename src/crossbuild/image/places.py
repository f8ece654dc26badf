"""Where a path of the host's is in a root: links are followed as on the host, and none leads out."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.system.rooted_paths import follow

if TYPE_CHECKING:
    from pathlib import Path


class EscapeError(ValueError):
    """A path that is in no directory of the root; its text is the end of a sentence that begins with the path."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """The paths in a root, each asked for once."""

    root: Path
    _known: dict[PurePosixPath, Path] = field(default_factory=dict)

    def find(self, path: PurePosixPath) -> Path:
        """Return where ``path`` is on this machine, its directories' links followed; it need not exist.

        Raises EscapeError where something on the way is no directory of the root, and leads to none.
        """
        normal = PurePosixPath(os.path.normpath(path))
        return self._directory(normal.parent) / normal.name if normal.name else self.root

    def content(self, path: PurePosixPath) -> Path:
        """Return the file that ``path`` is or, as a link, leads to in the root; it need not exist.

        Raises EscapeError.
        """
        return self._followed(self.find(path))

    def path_of(self, real: Path) -> PurePosixPath:
        """Return what the host calls ``real``."""
        return PurePosixPath("/", real.relative_to(self.root))

    def _directory(self, path: PurePosixPath) -> Path:
        if not path.name:
            return self.root
        if path not in self._known:
            self._known[path] = self._checked(self._directory(path.parent) / path.name)
        return self._known[path]

    def _followed(self, path: Path) -> Path:
        try:
            return follow(path, root=self.root)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            raise EscapeError(f"leads through {self.path_of(path)}, a symbolic link in a circle of them") from None

    def _checked(self, step: Path) -> Path:
        """Return the directory that ``step``, in a directory of the root, is or leads to; it need not exist."""
        real = self._followed(step)
        if step.is_symlink() and not real.is_dir():
            target = step.readlink()
            raise EscapeError(f"is below {self.path_of(step)}, a symbolic link to no directory of the root ({target})")
        if os.path.lexists(real) and not real.is_dir():
            raise EscapeError(f"is below {self.path_of(real)}, which is no directory")
        return real
