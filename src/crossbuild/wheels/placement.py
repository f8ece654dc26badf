"""Where installers put a wheel's files, and whether each has a place of its own.

Source: PyPA's "Binary distribution format" (``.data`` directories, Root-Is-Purelib).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from crossbuild.wheels.entry_points import FILE, script_names
from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.loading import installed_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.wheels.archive import WheelArchive


def collision_problems(archive: WheelArchive) -> Iterator[WheelFinding]:
    """Yield a problem for each file of which an installer would overwrite another one of the wheel."""
    sources: dict[str, list[str]] = defaultdict(list)
    names = [info.filename for info in archive.members]
    for name in names:
        sources[installed_path(name)].append(name)
    listed = f"{archive.dist_info}/{FILE}"
    for script in script_names(archive.read(listed)) if listed in names else ():
        sources[installed_path(f"{archive.data_directory}/scripts/{script}")].append(f"the script {script} of {FILE}")
    for first, *others in sources.values():
        for other in others:
            text = f"would be installed as the same file as {other}"
            yield WheelFinding(id="colliding-files", file=first, text=text)
