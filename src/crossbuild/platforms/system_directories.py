"""The directories in which every machine has its headers and libraries, as its compilers and its loader search them.

Sources: ld.so(8), the FHS and Debian's multiarch specification; the psABI of RISC-V for ``lp64d``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossbuild.platforms.platform import Platform


def library_names(platform: Platform) -> tuple[str, ...]:
    """Return what the directory of libraries is called below a prefix such as ``/usr``, by distribution."""
    bits = platform.architecture.bits
    # Debian's, Fedora's, RISC-V's and everybody else's. lib is last: on a 64-bit Fedora it holds 32-bit libraries.
    return (f"lib/{platform.multiarch}", f"lib{bits}", f"lib{bits}/lp64d", "lib")


def library_directories(platform: Platform) -> tuple[str, ...]:
    """Return the paths of libraries on a machine of any distribution, the first to be searched first."""
    return tuple(f"{prefix}/{name}" for name in library_names(platform) for prefix in ("/usr/local", "", "/usr"))


def header_directories(platform: Platform) -> tuple[str, ...]:
    """Return the paths of headers on a machine of any distribution, the first to be searched first."""
    return ("/usr/local/include", f"/usr/include/{platform.multiarch}", "/usr/include")
