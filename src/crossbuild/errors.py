"""Everything that crossbuild raises on purpose.

CrossbuildError                  1  the root; also what no other class fits
├── UsageError                   2  invalid options or arguments
├── HostError                    3  the host cannot be read or described
├── BuildPythonError             4  no fitting build Python
├── ToolchainError               5  no compiler, or one for another machine
├── SourceError                  6  no such project, no sdist, a broken one, or one with unsafe members
├── BackendError                 7  a PEP 517 hook failed
├── AuditError                   8  the wheel was refused
├── NetworkError                 9  an index could not be reached, or sent wrong data
├── RequirementsError           10  requirements cannot be met, or not together
├── SysrootError                11  a sysroot cannot be made, read or changed
├── InstallError                12  wheels cannot be installed into an image, or removed from it
├── WheelTestError              13  the test of a wheel failed
├── NotReproducibleError        14  a second build of the wheel gave other bytes
└── CommandError               127  command not found or not executable

The number is the exit code of the command line. An error says what happened to what, why, and what to do next.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import ClassVar

from crossbuild.redaction import redacted_text

_SYSTEM = {
    errno.ENOSPC: ("The disk is full", "Make room on the file system of {place}, and run the command again."),
    errno.EDQUOT: (
        "Your disk quota is used up",
        "Remove some of your files on the file system of {place}, or ask for a larger quota.",
    ),
    errno.EROFS: (
        "The file system is read-only",
        "Mount the file system of {place} for writing, or choose another place.",
    ),
    errno.EACCES: ("Permission denied", "Check the owner and the permissions of {place}."),
    errno.EPERM: ("Operation not permitted", "Check the owner, the permissions and the attributes of {place}."),
    errno.EMFILE: ("Too many files are open in this process", "Raise the limit: ulimit -n 4096."),
    errno.ENAMETOOLONG: (
        "A path is too long",
        "Choose a shorter one: a name may have 255 bytes, a whole path 4095.",
    ),
    errno.ELOOP: ("Symbolic links lead in a circle", "Correct the links in the path."),
    errno.ENFILE: ("Too many files are open on this machine", "End other programs, or raise fs.file-max."),
}
"""Errors of the system that do not depend on the file: in words, and what to do."""
_MEANT = frozenset((errno.ENAMETOOLONG, errno.ELOOP))
"""Those of no path that anybody could mean."""
MACHINE_FAILURES = frozenset(_SYSTEM) - _MEANT
"""Those that are about this machine, and not about what is read or written."""
_SHOWN = 200
"""Characters of a path that a message shows."""
_ANYTHING_ELSE = "Check {place}, its permissions, and the space left on the disk."


class CrossbuildError(Exception):
    """What went wrong, in up to three sentences.

    ``what``: what happened, to what. ``why``: the cause, if known; may be several lines. ``fix``: what the user can do
    next. ``kept``, ``log`` and ``record``: the kept build directory, and in it the file with the whole output of the
    build and the directory with what its compilers and tools were asked, if any. Logins in URLs are removed from all
    texts.
    """

    exit_code: ClassVar[int] = 1
    kept: Path | None = None
    log: Path | None = None
    record: Path | None = None

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        self.what, self.why, self.fix = map(redacted_text, (what, why, fix))
        super().__init__(self.what)

    def __str__(self) -> str:
        """Return the three parts as one text, a part a line."""
        return "\n".join(part for part in (self.what, self.why, self.fix) if part)


class UsageError(CrossbuildError):
    """Invalid options or arguments."""

    exit_code = 2


class HostError(CrossbuildError):
    """The host cannot be read or described."""

    exit_code = 3


class BuildPythonError(CrossbuildError):
    """No build Python fits the host."""

    exit_code = 4


class ToolchainError(CrossbuildError):
    """No compiler for the host, or one for another machine."""

    exit_code = 5


class SourceError(CrossbuildError):
    """No such project, no sdist, a broken one, or one with unsafe members."""

    exit_code = 6


class BackendError(CrossbuildError):
    """A PEP 517 hook failed."""

    exit_code = 7


class AuditError(CrossbuildError):
    """The wheel was refused: it is neither delivered nor installed."""

    exit_code = 8
    waivable = True
    """Whether the user may use the wheel all the same."""


class NetworkError(CrossbuildError):
    """An index could not be reached, or sent wrong data."""

    exit_code = 9


class RequirementsError(CrossbuildError):
    """Requirements, of users or of builds, cannot be met, or not together."""

    exit_code = 10


class SysrootError(CrossbuildError):
    """A sysroot cannot be made, read or changed."""

    exit_code = 11


class InstallError(CrossbuildError):
    """Wheels cannot be installed into an image, or removed from it."""

    exit_code = 12


class WheelTestError(CrossbuildError):
    """The test of a wheel failed: the wheel is not delivered."""

    exit_code = 13


class NotReproducibleError(CrossbuildError):
    """A second build of the wheel gave other bytes: it is not delivered."""

    exit_code = 14


class CommandError(CrossbuildError):
    """Command not found or not executable."""

    exit_code = 127


def system_failure(
    error: OSError, place: Path | None = None, *, kind: type[CrossbuildError] = CrossbuildError
) -> CrossbuildError:
    """Return what ``error`` means to a user, as an error of ``kind``.

    ``place``: the file that was written or read, if ``error`` does not name one.
    """
    # For a rename, the second name is the one to be created.
    named = error.filename2 or error.filename
    where = Path(named) if isinstance(named, str) else place
    what, fix = _SYSTEM.get(error.errno or 0, ("", _ANYTHING_ELSE))
    if error.errno in _MEANT and kind is CrossbuildError:
        kind = UsageError
    shown = _shortened(str(where)) if where else ""
    told = f"{what}: '{shown}'" if what and where else what or str(error)
    return kind(f"{told.removesuffix('.')}.", fix=fix.format(place=shown or "it"))


def _shortened(path: str) -> str:
    return path if len(path) <= _SHOWN else f"{path[:_SHOWN]}…"
