"""What a kind of wrong wheel is, and the hosts that it is wrong for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.wheels.rules import RULES
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.wheels.rules import Severity

HOST = make_host(libc="glibc 2.36")
"""A device with Python 3.11.2; most kinds are wrong for any host."""
PROMISED = make_host("manylinux_2_28_aarch64")
"""All hosts that a tag stands for."""
MUSL = make_host(libc="musl 1.2")
HARD_FLOAT_ARM = make_host("linux_armv7l", libc="glibc 2.36")
RISCV = make_host("linux_riscv64", libc="glibc 2.36")
X86 = make_host("linux_x86_64", libc="glibc 2.36")
POWER = make_host("linux_ppc64le", libc="glibc 2.36")
OLDER_ARM = make_host("linux_armv6l", libc="glibc 2.36")


@dataclass(frozen=True, kw_only=True)
class WrongWheel:
    """A wheel with one fault."""

    name: str
    make: Callable[[Path], Path]
    """Writes the wheel into a directory."""
    finding: str
    """The rule that is to find the fault."""
    says: str = ""
    """A part of what the finding says, if the rule finds other faults, too."""
    binary: bool = False
    """Whether the fault is in machine code, which installers never look at."""
    built: str = ""
    """The rule that finds it in what a backend made, if that is another one: crossbuild corrects tags and tells."""
    unread: str = ""
    """The rule that finds it where Python's own zipfile refuses the archive before: newer releases check more."""
    host: Host = HOST

    @property
    def findings(self) -> frozenset[str]:
        """The rules of which one finds it in a wheel that is given."""
        return frozenset((self.finding, self.unread)) - {""}

    @property
    def severity(self) -> Severity:
        """Of the rule."""
        return RULES[self.finding].severity
