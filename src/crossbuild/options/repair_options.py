"""What a user can say about the libraries that come along with a wheel, as values."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

from crossbuild.declarations.option import Heading, Kind, option
from crossbuild.errors import UsageError

_of_libraries = functools.partial(option, heading=Heading.LIBRARIES)
_WHEN = ("never", "auto", "always")


@dataclass(frozen=True, kw_only=True)
class RepairOptions:
    """Which libraries come along with a wheel, and whether its machine code is stripped."""

    when: str = field(
        default="auto",
        metadata=_of_libraries(
            Kind.CHOICE,
            "--repair",
            choices=_WHEN,
            description="Whether to put libraries of the sysroot into the wheel that its hosts may not have. auto, the "
            "default, does so for manylinux and musllinux tags.",
        ),
    )
    """``never``, ``auto`` or ``always``."""
    exclude: tuple[str, ...] = field(
        default=(),
        metadata=_of_libraries(
            Kind.TEXTS,
            "--repair-exclude",
            metavar="LIB",
            description="Leave this library out: something else loads it before. LIB is a name such as libtorch.so, or "
            "a pattern. Repeat for more libraries.",
        ),
    )
    """Names of libraries, and patterns for them, that something other than the wheel provides."""
    strip_wheels: bool = field(
        default=False,
        metadata=option(
            Kind.SWITCH,
            "--strip",
            description="Take debugging data and static symbols out of the libraries in the wheel. The default for "
            "platform tags.",
        ),
    )
    no_strip: bool = field(
        default=False,
        metadata=option(Kind.SWITCH, "--no-strip", description="Leave machine code as it is."),
    )

    def check(self) -> None:
        """Raise UsageError for what cannot be meant."""
        if self.when not in _WHEN:
            raise UsageError(f"{self.when!r} is not a value of --repair.", fix=f"Give one of {', '.join(_WHEN)}.")
        if self.strip_wheels and self.no_strip:
            raise UsageError("--strip and --no-strip exclude each other.")
