"""What Debian and Ubuntu call the packages of their cross compilers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossbuild.platforms.platform import Platform


def cross_packages(platform: Platform, *tools: str) -> str:
    """Return the packages that have ``tools`` (``gcc``, ``binutils``) for ``platform``; empty if there are none."""
    if platform.libc == "musl" or platform.architecture.shares_names:
        return ""
    # Names of packages have no underscores (Debian policy 5.6.1): gcc-x86-64-linux-gnu.
    return " ".join(f"{tool}-{platform.gnu_type}" for tool in tools).replace("_", "-")
