"""Entry point of ``crossbuild`` and ``python -m crossbuild``."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing typing would delay the handling of Ctrl-C
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_ALLOCATIONS = 50_000
"""How many new objects Python waits for before it looks for garbage."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. ``arguments`` default to those of the process."""
    if arguments is None:
        import gc

        from crossbuild.cli.standard_streams import settle_process

        settle_process()
        # Most objects live as long as the command. Looking for garbage took a tenth of the time of a short one.
        gc.set_threshold(_ALLOCATIONS)
    from crossbuild.cli import app

    return app.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
