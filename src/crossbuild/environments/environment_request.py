"""What somebody wants in a cross environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from crossbuild.redaction import without_login


@dataclass(frozen=True, kw_only=True)
class EnvironmentRequest:
    """What is to be in an environment from the start."""

    requires: tuple[str, ...] = ()
    """Requirements that are installed for the build machine."""
    host_requires: tuple[str, ...] = ()
    """Requirements, wheels, sdists, directories, URLs or repositories that are installed for the host."""
    projects: tuple[str, ...] = ()
    """Requirements, sdists, directories, URLs or repositories whose build requirements are installed."""

    @property
    def bare(self) -> Self:
        """The request without a user and a password in the addresses, fit for a file."""
        return type(self)(**{name: tuple(map(without_login, words)) for name, words in vars(self).items()})
