"""The options that a cross environment was made with, kept in it for what is installed later.

They are this user's own values, written and read by the same version of crossbuild.
"""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.options import BuildOptions

_FILE = "options.pickle"


def keep_options(directory: Path, options: BuildOptions) -> None:
    """Write ``options`` into ``directory``, for the user alone: the addresses of indexes may hold passwords."""
    descriptor = os.open(directory / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        pickle.dump(options, stream)


def kept_options(directory: Path) -> BuildOptions:
    """Return what :func:`keep_options` wrote into ``directory``."""
    options: BuildOptions = pickle.loads((directory / _FILE).read_bytes())
    return options
