"""What is installed for the host in a cross environment: a site of its own, which no Python here imports from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossbuild.session import Session


def install_for_host(directory: Path, requirements: Sequence[str], *, session: Session) -> None:
    """Install ``requirements``, and what they require on the host, into the host site of ``directory``."""
    raise UsageError(f"{', '.join(requirements)} cannot be installed in {directory}.", why=session.options.host)
