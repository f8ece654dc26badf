"""Debian and Ubuntu: what they call machines, and the releases that have them."""

from __future__ import annotations

DEBIAN_ARCHITECTURES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv5tel": "armel",
    "armv7l": "armhf",
    "i686": "i386",
    "loongarch64": "loong64",
    "ppc64le": "ppc64el",
    "riscv64": "riscv64",
    "s390x": "s390x",
}
"""Debian's architectures with glibc (dpkg's cputable and ostable), by the names of wheel tags."""
SUITES = {
    "debian": {"bookworm": "12", "trixie": "13", "bullseye": "11", "forky": "14", "sid": ""},
    "ubuntu": {"noble": "24", "jammy": "22", "focal": "20", "questing": "25", "resolute": "26"},
}
"""Suites that people name, and the first number of their versions, the likeliest first.

Others can be fetched too: names that are near one of these are taken for typos.
"""
# The first releases with these architectures.
_FIRST_SUITES = {"riscv64": "trixie", "loongarch64": "forky"}


def oldest_suite(machine: str) -> str:
    """Return the oldest suite of Debian that is still fetched everywhere and has ``machine``, as wheel tags call it."""
    return _FIRST_SUITES.get(machine, "bookworm")
