"""What a manylinux or musllinux tag promises, by auditwheel's tables.

Only the tables are auditwheel's: PEP 600 and PEP 656 leave them to it. Its own walk over a wheel looks for the
needed libraries on the machine it runs on, passes over files for another machine, and changes the current directory.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.host_libraries import external_libraries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditwheel.policy import Policy

    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import Platform
    from crossbuild.wheels.wheel_contents import WheelContents

_NEWEST_MUSL = 2
_OF_ANY_MACHINE = "x86_64"
"""auditwheel's tables for musl are the same for all of its machines, and PEP 656 does not limit them to those."""
_FLOOR = re.compile(r"manylinux_(\d+)_(\d+)_")


def policy_problems(contents: WheelContents, platform: Platform, policy: Policy) -> Iterator[WheelFinding]:
    """Yield what keeps the wheel from carrying the tag of ``platform``: libraries and symbol versions.

    glibc's own versions are left to :func:`crossbuild.wheels.machine_code.libc_problems`, which knows floors between
    the policies.
    """
    external = external_libraries(contents, platform)
    for elf in contents.elf_files:
        for library in elf.needed:
            if elf.name not in external.get(library, ()):
                continue
            if library not in policy.whitelist:
                text = f"needs {library}, which {platform.wheel_tag} does not promise and the wheel does not hold"
                yield WheelFinding(id="unpromised-library", file=elf.name, text=text, library=library, tolerable=True)
            yield from _private_symbols(elf, library, policy)
        yield from _version_problems(elf, platform, policy, contents.loading.of_wheel(elf))


def _private_symbols(elf: ElfFile, library: str, policy: Policy) -> Iterator[WheelFinding]:
    used = sorted(elf.undefined & policy.blacklist.get(library, frozenset()))
    if used:
        text = f"uses symbols private to one build of {library} ({', '.join(used)})"
        yield WheelFinding(id="private-symbols", file=elf.name, text=text)


def _version_problems(
    elf: ElfFile, platform: Platform, policy: Policy, provided: frozenset[str]
) -> Iterator[WheelFinding]:
    for need in elf.version_needs:
        prefix, _, version = need.version.partition("_")
        allowed = policy.symbol_versions.get(prefix)
        # A prefix that the policy does not list, as of a library of the project's own, is not limited.
        if prefix == "GLIBC" or allowed is None or need.library in provided:
            continue
        if version not in allowed:
            text = f"needs {need.version} of {need.library}, which {platform.wheel_tag} does not promise"
            yield WheelFinding(id="unpromised-version", file=elf.name, text=text)


@cache
def find_policy(platform: Platform) -> Policy | None:
    """Return the tables for ``platform``; None if its tag promises nothing.

    A floor between two policies has the older one's tables; one below the oldest, the oldest's: symbol versions of
    glibc itself are compared with the floor in any case.
    """
    # auditwheel reads and checks the tables of all machines each time, which takes longer than a small wheel does.
    from auditwheel.architecture import Architecture
    from auditwheel.libc import Libc
    from auditwheel.policy import WheelPolicies

    if platform.libc_version is None or platform.tag_family == "linux":
        return None
    if platform.libc == "musl":
        architecture = Architecture(_OF_ANY_MACHINE)
        # Without a policy named, auditwheel asks for the build machine's musl. 1.2 is the newest that it knows.
        name = f"musllinux_1_{min(platform.libc_version[1], _NEWEST_MUSL)}"
        return WheelPolicies(libc=Libc.MUSL, arch=architecture, musl_policy=name).highest
    policies = WheelPolicies(libc=Libc.GLIBC, arch=Architecture(platform.architecture.name))
    floors = {floor: policy for policy in policies if (floor := _floor(policy))}
    fitting = [floor for floor in floors if floor <= platform.libc_version]
    return floors[max(fitting) if fitting else min(floors)]


def promised_libraries(platform: Platform) -> frozenset[str]:
    """Return the sonames that every host has for which ``platform``'s tag is made, the C library's aside or not."""
    policy = find_policy(platform)
    return frozenset(policy.whitelist) if policy else frozenset()


def legacy_names(platform: Platform, policy: Policy) -> tuple[str, ...]:
    """Return the older names of ``platform``'s tag: ``manylinux2014_x86_64`` of ``manylinux_2_17_x86_64``."""
    return tuple(policy.aliases) if policy.name == platform.wheel_tag else ()


def _floor(policy: Policy) -> tuple[int, int] | None:
    found = _FLOOR.match(policy.name)
    return (int(found[1]), int(found[2])) if found else None
