"""What a build made, by the record of its compilers, and its wheel does not hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.missing import linked_extensions, lost_extensions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossbuild.host.model import Host
    from crossbuild.toolchain.compile_record import Invocation
    from crossbuild.wheels.wheel_contents import WheelContents


def loss_findings(
    contents: WheelContents, host: Host, invocations: Sequence[Invocation], build_paths: Sequence[Path]
) -> tuple[list[WheelFinding], list[WheelFinding]]:
    """Return the extensions that are missing, and those that were linked and are somewhere else or nowhere."""
    wheel = contents.path.name
    lost = [
        WheelFinding(id="missing-extension", file=wheel, text=str(extension))
        for extension in lost_extensions(invocations, host=host, build_paths=build_paths)
    ]
    # If the wheel has other machine code, a missing extension may have been for the build only.
    present = {Path(file).name for file in contents.files}
    absent = [name for name in linked_extensions(invocations, host) if name not in present]
    if contents.machine_code or lost:
        text = "was linked, but is not in the wheel"
        return lost, [WheelFinding(id="lost-library", file=wheel, text=f"{name} {text}") for name in absent]
    text = "was linked, but the wheel holds no machine code at all"
    return [WheelFinding(id="missing-extension", file=wheel, text=f"{name} {text}") for name in absent], []
