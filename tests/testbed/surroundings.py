"""What tests may take for granted of the process that they run in, wherever and however it was started."""

from __future__ import annotations

import fnmatch
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from types import FrameType

_KEPT = ("CROSSBUILD_TEST_CACHE", "CROSSBUILD_MIRROR", "CROSSBUILD_KEYRING", "PYTHONPATH", "PYTHONHASHSEED")
_REMOVED = (
    # what compilers and build tools heed
    *("AR", "AS", "CC", "CPP", "CXX", "FC", "F77", "LD", "NM", "RANLIB", "STRIP", "LDSHARED", "LIBRARY_PATH"),
    *("*FLAGS", "*_INCLUDE_PATH", "CPATH", "CMAKE_*", "DESTDIR", "MAKELEVEL", "PKG_CONFIG*", "SOURCE_DATE_EPOCH"),
    *("CARGO_BUILD_*", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_*", "PYO3_*", "RUSTC*", "SETUPTOOLS_*", "ZIG_*"),
    # what Python, crossbuild and git heed
    *("CROSSBUILD_*", "GIT_*", "PYTHON*", "VIRTUAL_ENV*", "_PYTHON_*"),
    # what decides how output looks
    *("CI", "CLICOLOR*", "COLUMNS", "FORCE_COLOR", "GITHUB_*", "GITLAB_*", "LINES", "NO_COLOR", "TTY_*"),
    *("LANG", "LANGUAGE", "LC_*"),
)
"""Variables that tests set where they are about them."""
_GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_GIT |= {f"GIT_{who}_{what}": "tests@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_SET = {"LC_ALL": "C.UTF-8", **_GIT}
_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


def settle(environ: MutableMapping[str, str]) -> None:
    """Undo what this process inherited that would change what tests see; ``environ`` is its environment."""
    os.umask(0o022)
    for name in list(environ):
        if name not in _KEPT and any(fnmatch.fnmatchcase(name, pattern) for pattern in _REMOVED):
            del environ[name]
    environ.update(_SET)
    for number in _SIGNALS:
        # nohup and shells that put a job into the background have it ignored. What is caught here is not ignored by
        # the programs that are started, and still does not end this process.
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, _heed_nothing)


def _heed_nothing(number: int, frame: FrameType | None) -> None:
    pass
