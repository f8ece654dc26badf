"""The platform tags whose wheels a host takes, in a user's words.

Sources: PEP 600 and PEP 656 (the names).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.platforms.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Iterable

_WITHOUT_MACHINE = re.compile(r"(many|musl)linux_\d+_\d+|manylinux(1|2010|2014)|linux")


def full_tags(texts: Iterable[str], platform: Platform, *, name: str) -> tuple[str, ...]:
    """Return the tags that ``texts`` mean for the host ``name``, in that order: ``manylinux_2_28`` gets its machine.

    A tag with an older name comes with that, and the other way round. Raises HostError for what is no tag, and for one
    of another machine or C library than ``platform``'s.
    """
    return tuple(dict.fromkeys(tag for text in texts for tag in _read(text, platform, name).tag_names))


def _read(text: str, platform: Platform, name: str) -> Platform:
    machine = platform.architecture.name
    meant = Platform.from_tag(f"{text}_{machine}" if _WITHOUT_MACHINE.fullmatch(text) else text)
    if meant.tag_family != "linux" and meant.libc != platform.libc:
        raise HostError(
            f"Wheels with the platform tag {text} do not run on {name}, which has {platform.libc}.",
            fix=f"Name tags of {platform.libc}: {'musllinux_1_2' if platform.libc == 'musl' else 'manylinux_2_28'}",
        )
    if meant.architecture != platform.architecture:
        raise HostError(
            f"Wheels with the platform tag {text} do not run on {name}, which is {machine}.",
            fix=f"Leave the machine out: --platform-tag {text.removesuffix(f'_{meant.architecture.name}')}",
        )
    return meant
