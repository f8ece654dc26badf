"""Runs on the host: import the modules that are named, each in a process of its own, and tell which fail.

The process is a fork: starting a Python for each would take minutes under an emulator. Python 3.8 and later.
"""

import importlib
import os
import signal
import sys
from typing import List


def main(names: "List[str]") -> int:
    """Return the exit status: 0 if every one of ``names`` can be imported."""
    failed = [name for name in names if not _is_importable(name)]
    _say(f"{len(names) - len(failed)} of {len(names)} modules imported")
    if failed:
        _say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _is_importable(name: str) -> bool:
    child = os.fork()
    if child == 0:
        importlib.import_module(name)
        # The interpreter ends as it would after any program: modules can crash then, too.
        sys.exit()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        _say(f"import {name}: killed by {signal.Signals(os.WTERMSIG(status)).name}")
    elif status:
        _say(f"import {name}: failed")
    return status == 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
