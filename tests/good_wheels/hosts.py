"""The host that a wheel says it is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from crossbuild.platforms.platform import Platform
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from crossbuild.host.model import Host

_VERSION = re.compile(r"cp(\d)(\d+)")
_ANY_PYTHON = (3, 11)


def host_of(wheel: str) -> Host:
    """Return the oldest host that the wheel of this file name promises to work on."""
    tags = parse_wheel_filename(wheel)[3]
    pythons = [(int(found[1]), int(found[2])) for tag in tags if (found := _VERSION.fullmatch(tag.interpreter))]
    platforms = [Platform.from_tag(tag.platform) for tag in tags if tag.platform != "any"]
    oldest = min(platforms, key=lambda platform: platform.libc_version or (0, 0), default=None)
    free_threaded = any(re.fullmatch(r"cp\d+t", tag.abi) for tag in tags)
    return make_host(
        oldest.wheel_tag if oldest else "linux_aarch64",
        python=max(min(pythons, default=_ANY_PYTHON), (3, 9)),
        abi_flags="t" if free_threaded else "",
    )
