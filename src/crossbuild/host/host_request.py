"""What a user says about a host beyond its name."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from crossbuild.declarations.option import Heading, Kind, Scope, option, over
from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.host.model import Variables


_of_host = functools.partial(option, heading=Heading.HOST, scope=Scope.HOST)


@dataclass(frozen=True, kw_only=True)
class HostRequest:
    """What is known better than the host's own files say; every part may be left open."""

    abi_flags: str | None = None
    """``t``, ``d`` or both: of several Pythons the one that is meant, or that of a host which is only a tag."""
    sysconfigdata: Path | None = field(
        default=None,
        metadata=_of_host(
            Kind.FILE,
            "--sysconfigdata",
            "--sysconfigdata-file",
            description="The host Python's build variables, where it has several such files, or none: "
            "_sysconfigdata*.py.",
        ),
    )
    headers: Path | None = field(
        default=None,
        metadata=_of_host(
            Kind.DIRECTORY,
            "--headers",
            description="The directory with the host's Python.h and pyconfig.h, where they are not beside its Python.",
        ),
    )
    machine: str | None = field(
        default=None,
        metadata=_of_host(
            Kind.TEXT,
            "--machine",
            metavar="NAME",
            description="What uname -m says on the host, where its files leave that open: armv6l.",
        ),
    )
    platform_tags: tuple[str, ...] = field(
        default=(),
        metadata=_of_host(
            Kind.TEXTS,
            "--platform-tag",
            "--manylinux",
            metavar="TAG",
            description="A platform tag whose wheels the host takes, such as manylinux_2_28, instead of those that "
            "follow from its C library. May be given more than once, and has to be for all that it takes.",
            in_table="All platform tags whose wheels the host takes, such as manylinux_2_28, instead of those that "
            "follow from its C library.",
        ),
    )
    config_vars: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_of_host(
            Kind.ASSIGNMENTS,
            "--config-var",
            description="Let a build variable of the host's Python, which sysconfig tells, have this value: CFLAGS, "
            "CC, ...",
            in_table="Build variables to use instead of those of the host's Python. Those of the command line count "
            "more, name by name.",
        ),
    )

    def over(self, other: Self) -> Self:
        """Return this request, and what it leaves open as ``other`` has it; variables are merged by name."""
        return over(self, other)


def python_from_text(text: str) -> tuple[tuple[int, int], str | None]:
    """Return the version in ``3.13`` or ``3.13t``, and its ABI flags, None if it has none. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,3})(t?d?)", text, re.ASCII)
    if not found:
        # cp312, python3.12, 3.12.1
        near = re.search(r"(?<![\d.])3\.?(\d{1,2})(t?)(?![\da-z])", text, re.ASCII)
        meant = f"; did you mean 3.{near[1]}{near[2]}?" if near else ""
        example = meant or ", such as 3.12, or 3.13t for a free-threaded Python."
        raise UsageError(f"{text!r} is not X.Y{example}")
    return (int(found[1]), int(found[2])), found[3] or None


def with_config_vars(variables: Variables, config_vars: Mapping[str, str]) -> dict[str, str | int]:
    """Return build variables with the user's instead of their own; a number takes the place of a number."""
    # sysconfig has whole numbers as int (parse_config_h, parse_makefile), and its users compare them as such.
    number = {name for name, value in config_vars.items() if isinstance(variables.get(name), int) and _is_int(value)}
    return {**variables, **{name: int(value) if name in number else value for name, value in config_vars.items()}}


def _is_int(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,19}", text, re.ASCII) is not None
