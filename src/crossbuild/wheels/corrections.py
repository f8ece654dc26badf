"""What is wrong with the wheels of backends, and is put right in those that are written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.wheels import tags
from crossbuild.wheels.findings import WheelFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.model import Host
    from crossbuild.wheels.wheel_contents import WheelContents


def repetition_problems(contents: WheelContents) -> Iterator[WheelFinding]:
    """Yield a problem for each file that is there twice: some installers refuse to write it again."""
    for name in contents.repeated:
        text = f"is in {contents.path.name} more than once, with the same content"
        yield WheelFinding(id="repeated-file", file=name, text=text, tolerable=True)


def correction_warnings(contents: WheelContents, host: Host) -> Iterator[WheelFinding]:
    """Yield a warning for each thing that becomes another one in a wheel that is written again."""
    for problem in tags.universal_problems(contents):
        text = f"{problem.text}; so its tag is {host.platform.wheel_tag}"
        yield WheelFinding(id="corrected-tag", file=problem.file, text=text)
    yield from tags.fallback_warnings(contents, host.platform)
    for name in contents.repeated:
        text = f"is in {contents.path.name} more than once, with the same content; one of them is left out"
        yield WheelFinding(id="removed-repetition", file=name, text=text)
