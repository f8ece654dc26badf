"""The host's side of build requirements: headers and static libraries that depend on the machine.

Only recognised so far, and refused: a wheel built with the build machine's copies would be silently wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.errors import RequirementsError

if TYPE_CHECKING:
    from pathlib import Path


def refuse_build_machine_libraries(site_packages: Path) -> None:
    """Raise RequirementsError if a build requirement in ``site_packages`` brings static libraries to link against."""
    libraries = sorted(file.relative_to(site_packages) for file in site_packages.rglob("*.a"))
    if libraries:
        owners = sorted({library.parts[0] for library in libraries})
        raise RequirementsError(
            f"The project compiles against {', '.join(owners)}, which is installed for the build machine only.",
            why=f"It holds static libraries of the build machine: {', '.join(map(str, libraries[:3]))}. "
            "Its headers may differ on the host, too.",
            fix="Projects that compile against such packages cannot be cross-built with this version.",
        )
