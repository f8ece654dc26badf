"""Published wheels that work pass the check without a word, and get the tag that auditwheel gives them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from auditwheel.architecture import Architecture
from auditwheel.libc import Libc
from auditwheel.policy import WheelPolicies

from crossbuild.errors import AuditError
from crossbuild.host.tagged import tagged_host
from crossbuild.platforms.platform import Platform
from crossbuild.wheels.check import check_by_tags
from crossbuild.wheels.promised_hosts import promised_hosts
from crossbuild.wheels.wheel_contents import read_wheel
from tests.audited import audited
from tests.breadth import alone
from tests.good_wheels import CHOICES, SMALL, good_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host
    from tests.testbed.bed import Bed

pytestmark = pytest.mark.cross


def test_there_are_enough_good_wheels() -> None:
    machines = ("aarch64", "armv7l", "i686", "ppc64le", "riscv64", "s390x", "x86_64")
    assert len(CHOICES) >= 110
    for libc in ("manylinux", "musllinux"):
        assert all(any(name.endswith(f"_{one}.whl") and libc in name for name in CHOICES) for one in machines)
    assert len(SMALL) == 10


@pytest.mark.parametrize("name", alone(CHOICES, quick=SMALL))
def test_a_good_wheel_passes_without_a_word(name: str, bed: Bed) -> None:
    wheel = good_wheel(bed, name)
    report = check_by_tags(wheel)
    assert [*report.warnings, *map(str, report.findings)] == []


@pytest.mark.matrix
@pytest.mark.parametrize("name", CHOICES)
def test_auditwheel_gives_a_good_wheel_the_same_tag(name: str, bed: Bed) -> None:
    """For musl that is the tag of the newest musl that auditwheel knows, since musl's symbols have no versions."""
    wheel = good_wheel(bed, name)
    given = shown(wheel)
    if not given:
        # What is linked by zig needs libc.so, which musl's loader takes for itself. auditwheel looks for it on this
        # machine, and the file of that name in /usr/lib is a script for the linker.
        assert any("libc.so" in elf.needed for elf in read_wheel(wheel).elf_files)
        return
    assert given in audited(wheel, with_tag(wheel, given)).platform_tags
    if older := next_older(given):
        with pytest.raises(AuditError):
            audited(wheel, with_tag(wheel, older))


def with_tag(wheel: Path, tag: str) -> Host:
    """Return the host that ``wheel`` promises to work on, if it had the platform ``tag``."""
    host, *_ = promised_hosts(read_wheel(wheel))
    platform = Platform.from_tag(tag)
    return tagged_host(platform, name=tag, python_version=host.python_version, abi_flags=host.abi_flags)


def shown(wheel: Path) -> str:
    """Return the tag that auditwheel gives ``wheel``; nothing if it fails over a file that is no ELF file."""
    command = [sys.executable, "-m", "auditwheel", "show", "--json", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Magic number does not match" in done.stderr:
        return ""
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["overall_tag"])


def next_older(tag: str) -> str:
    """Return the next older manylinux tag that auditwheel knows; nothing if there is none."""
    machine = tag.split("_", 3)[3]
    if not tag.startswith("manylinux_"):
        return ""
    policies = WheelPolicies(libc=Libc.GLIBC, arch=Architecture(machine))
    known = sorted((policy.name for policy in policies if policy.name.startswith("manylinux_")), key=floor)
    place = known.index(tag)
    return known[place - 1] if place else ""


def floor(tag: str) -> int:
    return int(tag.split("_")[2])
