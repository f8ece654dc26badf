"""``python -m crossbuild``."""

from __future__ import annotations

import sys

from crossbuild.cli.app import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
