"""``python -m crossbuild``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. ``arguments`` default to those of the process."""
    try:
        from crossbuild.cli import app

        return app.main(arguments)
    except KeyboardInterrupt:  # before a command began: most of that time goes into imports
        if sys.stderr:
            sys.stderr.write("error: Interrupted.\n")
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
