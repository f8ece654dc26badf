"""What somebody wants in a cross environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EnvironmentRequest:
    """What is to be in an environment from the start."""

    requires: tuple[str, ...] = ()
    """Requirements that are installed for the build machine."""
    host_requires: tuple[str, ...] = ()
    """Requirements, wheels, sdists or directories that are installed for the host, into its own site."""
    projects: tuple[str, ...] = ()
    """Requirements, sdists, directories, URLs or repositories whose build requirements are installed."""
