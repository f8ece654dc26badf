"""Writes down how much processor time a Python took, when it ends: for the user of a build that the host's Python runs.

It is installed for the host's Python, of any version. What that starts is not counted.
"""

import atexit
import os
import time

NAME = "python-seconds"
"""The name of the file in the record of a build: a line for each Python."""
_RECORD = os.environ.get("CROSSBUILD_RECORD")


def _write() -> None:
    with open(f"{_RECORD}/{NAME}", "a") as file:
        file.write("%.2f\n" % time.process_time())


if _RECORD:
    atexit.register(_write)
