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
_ANY_PYTHON, _OLDEST_PYTHON = (3, 11), (3, 9)


def host_of(wheel: str, *, platform: str = "") -> Host:
    """Return the oldest host that the wheel of this file name promises to work on, or the one of ``platform``, a tag.

    For stable ABIs of Pythons that are gone, it has the oldest Python of the tests.
    """
    tags = parse_wheel_filename(wheel)[3]
    pythons = [(int(found[1]), int(found[2])) for tag in tags if (found := _VERSION.fullmatch(tag.interpreter))]
    platforms = [Platform.from_tag(tag.platform) for tag in tags if tag.platform != "any"]
    oldest = min(platforms, key=lambda one: one.libc_version or (0, 0), default=None)
    return make_host(
        platform or (oldest.wheel_tag if oldest else "linux_aarch64"),
        python=max(min(pythons, default=_ANY_PYTHON), _OLDEST_PYTHON),
        abi_flags="t" if any(re.fullmatch(r"cp\d+t", tag.abi) for tag in tags) else "",
    )
