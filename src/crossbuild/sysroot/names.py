"""What a sysroot is called: ``debian:bookworm:arm64``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from crossbuild.errors import SysrootError
from crossbuild.platforms.debian import DEBIAN_ARCHITECTURES, SUITES, oldest_suite
from crossbuild.platforms.near_misses import near_suite, near_sysroot
from crossbuild.platforms.platform import ARCHITECTURES, Platform

if TYPE_CHECKING:
    from crossbuild.platforms.platform import Architecture

_FORM = re.compile(r"(?P<distribution>[a-z]+):(?P<suite>[a-z0-9][a-z0-9.-]*):(?P<architecture>\w+)")
_OTHERS = (
    "For another one, give --host a platform tag such as manylinux_2_28_aarch64 (Alpine: musllinux_1_2_aarch64), the "
    "path of its Python in a root, or a file made by crossbuild host capture."
)
_EXAMPLE = "Sysroots are called distribution:suite:architecture, such as debian:bookworm:arm64."


@dataclass(frozen=True, kw_only=True)
class SysrootName:
    """A release of a distribution, for one architecture."""

    distribution: str
    """``debian`` or ``ubuntu``."""
    suite: str
    """The release's code name: ``bookworm``."""
    debian_architecture: str
    """``arm64``; Ubuntu's names are the same."""

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read ``debian:bookworm:arm64``; ``aarch64`` does as well. Raises SysrootError."""
        found, near = _FORM.fullmatch(text), near_sysroot(text)
        meant = f"Did you mean {near}? " if near else ""
        if not found:
            raise SysrootError(f"{text!r} is not the name of a sysroot.", fix=meant + _EXAMPLE)
        if found["distribution"] not in SUITES:
            raise SysrootError(
                f"{text!r} names the distribution {found['distribution']!r}, which crossbuild cannot fetch.",
                fix=f"{meant}Known distributions: {', '.join(SUITES)}. {_OTHERS}",
            )
        if found["suite"][0].isdecimal():
            raise SysrootError(f"{text!r} has a version in the place of a release's name.", fix=meant or _EXAMPLE)
        debian = DEBIAN_ARCHITECTURES.get(found["architecture"], found["architecture"])
        if debian not in DEBIAN_ARCHITECTURES.values():
            raise SysrootError(
                f"{text!r} names the architecture {debian!r}, which crossbuild does not know.",
                fix=f"{meant}Known architectures: {', '.join(sorted(DEBIAN_ARCHITECTURES.values()))}.",
            )
        return cls(distribution=found["distribution"], suite=found["suite"], debian_architecture=debian)

    @classmethod
    def oldest_for(cls, platform: Platform) -> Self:
        """Return the oldest Debian release that is still fetched everywhere, for ``platform``.

        What is linked against its libraries asks the least of a host. Raises SysrootError where there is none.
        """
        debian = DEBIAN_ARCHITECTURES.get(platform.architecture.name)
        if platform.libc != "glibc" or debian is None:
            raise SysrootError(
                "No distribution that crossbuild can fetch has libraries for "
                f"{platform.architecture.name} with {platform.libc}.",
                fix="Give a directory that has them: --sysroot DIR.",
            )
        suite = oldest_suite(platform.architecture.name)
        return cls(distribution="debian", suite=suite, debian_architecture=debian)

    def __str__(self) -> str:
        """Return ``debian:bookworm:arm64``."""
        return f"{self.distribution}:{self.suite}:{self.debian_architecture}"

    @property
    def near(self) -> Self | None:
        """What may be meant instead, if the suite has nearly the name of a known one."""
        suite = near_suite(self.distribution, self.suite)
        return replace(self, suite=suite) if suite else None

    @property
    def architecture(self) -> Architecture:
        """The architecture, as the rest of crossbuild knows it."""
        names = {debian: name for name, debian in DEBIAN_ARCHITECTURES.items()}
        return ARCHITECTURES[names[self.debian_architecture]]

    @property
    def multiarch(self) -> str:
        """``aarch64-linux-gnu``."""
        return Platform(architecture=self.architecture, libc="glibc", libc_version=None).multiarch


def is_sysroot_name(text: str) -> bool:
    """Return whether ``text`` is meant as the name of a sysroot, right or wrong, and not as a path or a tag."""
    return "/" not in text and text.count(":") + 1 == _FORM.groups


def is_package_name(text: str) -> bool:
    """Return whether ``text`` can be a package, with or without a version (Debian policy 5.6.1, 5.6.12)."""
    return bool(re.fullmatch(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+.](=[\w.+:~-]+)?", text))
