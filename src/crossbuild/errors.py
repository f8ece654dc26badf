"""Everything that crossbuild raises on purpose.

CrossbuildError                  1  the root; also what no other class fits
├── UsageError                   2  options or arguments that cannot be meant
├── HostError                    3  the host cannot be read or described
├── BuildPythonError             4  no fitting build Python
├── ToolchainError               5  no compiler, or one for another machine
├── SourceError                  6  no such project, no sdist, a broken one, or one with unsafe members
├── BackendError                 7  a PEP 517 hook failed
├── AuditError                   8  the wheel was refused
├── NetworkError                 9  an index could not be reached, or sent something else
├── RequirementsError           10  requirements cannot be met, or not together
├── SysrootError                11  a sysroot cannot be made, read or changed
├── InstallError                12  wheels cannot be installed into an image, or removed from it
└── CommandError               127  a command to run is not there, or is no program

The number is the exit code of the command line. An error says what happened to what, why, and what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from crossbuild.redaction import redacted_text

if TYPE_CHECKING:
    from pathlib import Path


class CrossbuildError(Exception):
    """What went wrong, in up to three sentences.

    ``what``: what happened, to what. ``why``: the cause, where known; may be several lines.
    ``fix``: what the user can do next. ``kept`` and ``log``: the build directory that was kept for inspection and the
    file with the whole output of the build, where there are such. Logins of URLs are not shown in any of it.
    """

    exit_code: ClassVar[int] = 1
    kept: Path | None = None
    log: Path | None = None

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        self.what, self.why, self.fix = map(redacted_text, (what, why, fix))
        super().__init__(self.what)

    def __str__(self) -> str:
        """Return the three parts as one text, a part a line."""
        return "\n".join(part for part in (self.what, self.why, self.fix) if part)


class UsageError(CrossbuildError):
    """Options or arguments that cannot be meant."""

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
    """The wheel was refused and is not delivered."""

    exit_code = 8


class NetworkError(CrossbuildError):
    """An index could not be reached, or sent something else than it promised."""

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


class CommandError(CrossbuildError):
    """A command to run is not there, or is no program."""

    exit_code = 127
