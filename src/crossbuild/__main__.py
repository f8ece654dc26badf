"""Entry point of ``crossbuild`` and ``python -m crossbuild``."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing typing would delay the handling of Ctrl-C
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_ALLOCATIONS = 50_000
"""How many more objects than before there are when Python looks for garbage."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. ``arguments`` default to those of the process."""
    if arguments is None:
        import gc

        from crossbuild.cli.standard_streams import settle_process

        settle_process()
        # Most of what a command makes lives until it ends: to look for garbage takes a tenth of a short one's time.
        gc.set_threshold(_ALLOCATIONS)
    from crossbuild.cli import app

    return app.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
