"""A clock that is ahead of this machine's, for what a second build starts.

Source: the README of libfaketime, which Debian's package of that name has.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from crossbuild.errors import CrossbuildError, SysrootError
from crossbuild.sysroot.debian_files import DebianFile, fetch_debian_file
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.session.session import Session

AHEAD = 125
"""Hours: it is another day, and another hour of the day. Over a month, certificates of servers would expire."""
# An old release: the library has to load with the C library of this machine.
_LIBRARY = DebianFile(suite="bookworm", package="libfaketime", name="libfaketimeMT.so.1")
_TOLERANCE = 600.0
_SLEEP = b"\0clock_nanosleep\0"
"""A function of the library that fails where clocks that only go forward are the true ones. Python sleeps by it."""


def clock_ahead(session: Session, directory: Path) -> Mapping[str, str]:
    """Return the variables that let programs see a later time; none, with a note, if that cannot be done here.

    What they need is put into ``directory``.
    """
    try:
        own = fetch_debian_file(_LIBRARY, session.sysroots, session.options.sysroot_source)
        library = directory / own.name
        # By another name, it does not take the place of the C library's.
        library.write_bytes(own.read_bytes().replace(_SLEEP, _SLEEP.replace(b"p\0", b"_\0")))
        # Files keep their true times, which make and ninja compare. What waits waits as long as it did.
        found = {
            "LD_PRELOAD": str(library),
            "FAKETIME": f"+{AHEAD}h",
            "NO_FAKE_STAT": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        _check(found)
    except CrossbuildError as error:
        session.reporter.note(f"The second build has the same clock as the first: {error.what}")
        return {}
    return found


def _check(variables: Mapping[str, str]) -> None:
    """Raise SysrootError unless programs of this machine see a later time."""
    done = run_program([sys.executable, "-ISc", "import time; time.sleep(0.001); print(time.time())"], env=variables)
    try:
        seen = float(done.stdout)
    except ValueError:
        seen = 0.0
    if abs(seen - time.time() - AHEAD * 3600) > _TOLERANCE:
        raise SysrootError(f"{_LIBRARY.name} does not work on this machine.", why=done.stderr.strip())
