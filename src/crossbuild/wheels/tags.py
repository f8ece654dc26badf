"""Tags: what a wheel claims, and what it may claim."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.tags import compatible_tags, cpython_tags

from crossbuild.wheels.findings import WheelFinding
from crossbuild.wheels.manylinux import find_policy, legacy_names, policy_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.tags import Tag

    from crossbuild.host.model import Host, KnownHost
    from crossbuild.platforms.platform import Platform
    from crossbuild.wheels.wheel_contents import WheelContents


def claim_problems(contents: WheelContents, host: Host) -> Iterator[WheelFinding]:
    """Yield what is wrong with the tags that the backend chose: against each other, the content, the host."""
    wheel = contents.path.name
    if contents.tags != contents.stated_tags:
        stated = ", ".join(sorted(map(str, contents.stated_tags))) or "none"
        text = f"the tags of its WHEEL file ({stated}) are not those of its name"
        yield WheelFinding(id="tags-mismatch", file=wheel, text=text, tolerable=_may_be_for(contents.stated_tags, host))
    if {(tag.interpreter, tag.abi) for tag in contents.tags}.isdisjoint(_python_tags(host)):
        claimed = ", ".join(sorted({f"{tag.interpreter}-{tag.abi}" for tag in contents.tags}))
        text = f"its Python tags ({claimed}) are not for the host's Python {host.version}{host.abi_flags}"
        yield WheelFinding(id="wrong-python-tag", file=wheel, text=text)
    platforms = sorted({tag.platform for tag in contents.tags} - {"any"})
    foreign = [platform for platform in platforms if not _names_machine(platform, host.platform)]
    if foreign:
        text = f"its platform tag {'.'.join(foreign)} is not for {host.platform.architecture.name}"
        yield WheelFinding(id="wrong-platform-tag", file=wheel, text=text)


def universal_problems(contents: WheelContents) -> Iterator[WheelFinding]:
    """Yield a problem if the wheel claims to fit every platform, and holds machine code."""
    if contents.machine_code and claims_any(contents):
        text = f"its platform tag is any, but it holds machine code ({contents.machine_code[0].name})"
        yield WheelFinding(id="universal-tag", file=contents.path.name, text=text, tolerable=True)


def _may_be_for(tags: frozenset[Tag], host: Host) -> bool:
    """Return whether one of ``tags`` is for the host's Python and machine, or there is none."""
    pythons = _python_tags(host)
    machines = (tag for tag in tags if (tag.interpreter, tag.abi) in pythons)
    return not tags or any(tag.platform == "any" or _names_machine(tag.platform, host.platform) for tag in machines)


def claims_any(contents: WheelContents) -> bool:
    """Whether the wheel claims to fit every platform."""
    return any(tag.platform == "any" for tag in contents.tags)


def claimed_platforms(contents: WheelContents) -> tuple[str, ...]:
    """Return the platform tags that the file name has."""
    return tuple(sorted({tag.platform for tag in contents.tags}))


def platform_tags(contents: WheelContents, platform: Platform) -> tuple[str, ...]:
    """Return the platform tags that the wheel may carry on ``platform``, once its content is known to fit it.

    A wheel without machine code keeps ``any``. Otherwise the tag is the one asked for, also where an older one would
    do; for a real host ``linux_<arch>``, or with musl ``musllinux_1_Y_<arch>`` by the host's musl if that policy holds.
    """
    if claims_any(contents) and not contents.machine_code:
        return ("any",)
    promised = promised_platform(platform)
    policy = find_policy(promised)
    if policy is None or promised.tag_family == "linux":
        return (promised.wheel_tag,)
    if platform.tag_family == "linux" and any(policy_problems(contents, promised, policy)):
        return (platform.wheel_tag,)
    return (*legacy_names(promised, policy), promised.wheel_tag)


def fallback_warnings(contents: WheelContents, platform: Platform) -> Iterator[WheelFinding]:
    """Yield why the wheel for a real musl host carries ``linux_<arch>`` only."""
    promised = promised_platform(platform)
    policy = find_policy(promised)
    if policy is not None and platform.tag_family == "linux" and promised.tag_family != "linux":
        for problem in policy_problems(contents, promised, policy):
            text = f"{problem.text}; so its tag is {platform.wheel_tag}"
            yield WheelFinding(id="corrected-tag", file=problem.file, text=text)


def promise_problems(contents: WheelContents, platform: Platform) -> Iterator[WheelFinding]:
    """Yield what keeps the wheel from carrying the tag that was asked for."""
    policy = find_policy(platform)
    if policy is not None and platform.tag_family != "linux":
        yield from policy_problems(contents, platform, policy)


def promised_platform(platform: Platform) -> Platform:
    """Return ``platform`` with the tag family that its wheels are to carry if they can.

    Installers on a musl host do take ``linux_<arch>``, but the name would not tell its wheels from glibc's.
    """
    # The oldest policy is musllinux_1_1.
    if platform.libc == "musl" and platform.libc_version and platform.libc_version[1] > 0:
        return replace(platform, tag_family="musllinux")
    return platform


def installable_tags(host: KnownHost) -> tuple[Tag, ...]:
    """Return the tags of the wheels that the host's installers take, the best first (PEP 425, PEP 703)."""
    return _tags(host, host.installable_tags)


def _python_tags(host: KnownHost) -> set[tuple[str, str]]:
    """Return the pairs of Python and ABI tag that the host's installers take."""
    return {(tag.interpreter, tag.abi) for tag in _tags(host, ("any",))}


def _tags(host: KnownHost, platforms: Sequence[str]) -> tuple[Tag, ...]:
    version = host.python_version[:2]
    interpreter = "cp{}{}".format(*version)
    # A debug build takes the release build's extensions: their ABIs are one since 3.8.
    abis = list(dict.fromkeys(interpreter + flags for flags in (host.abi_flags, host.abi_flags.replace("d", ""))))
    return (*cpython_tags(version, abis, platforms), *compatible_tags(version, interpreter, platforms))


def _names_machine(tag: str, platform: Platform) -> bool:
    return tag.startswith(("linux_", "manylinux", "musllinux")) and tag.endswith(f"_{platform.architecture.name}")
