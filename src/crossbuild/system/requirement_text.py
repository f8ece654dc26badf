"""Requirements as others write them (PEP 508), checked as a whole before anything is done with them.

What is read here can be compared with versions, evaluated on any host, and given to a program as one argument, which
none takes for an option.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.specifiers import SpecifierSet

_LONGEST = 10_000
"""Characters. An address with a hash has some hundred."""
_LONGEST_NAME = 200
"""Characters. The names of files, which are no longer than 255 bytes, begin with it."""
# Fixed: packaging would take those of the running Python, and the answer must not depend on where it is given.
_ANY_HOST = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.0",
    "os_name": "posix",
    "platform_machine": "aarch64",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
    "extra": "",
}
"""Values for all variables of markers: a marker that cannot be evaluated with these never can."""
_SHOWN, _LINES = 200, 5
"""The part of a text that a message shows: characters of a line, and lines."""


def read_requirement(text: object) -> Requirement:
    """Parse ``text`` as a requirement. Raises InvalidRequirement with the reason."""
    if not isinstance(text, str):
        raise InvalidRequirement("It is not a text.")
    if len(text) > _LONGEST:
        raise InvalidRequirement(f"It has {len(text)} characters.")
    if not text.replace("\t", " ").isprintable():
        raise InvalidRequirement("It has a character that cannot be printed.")
    try:
        requirement = Requirement(text)
        if len(requirement.name) > _LONGEST_NAME:
            raise InvalidRequirement("Its name is too long.")
        check_versions(requirement.specifier)
        check_marker(requirement.marker)
    except RecursionError:
        raise InvalidRequirement("Its marker is nested too deeply.") from None
    except ValueError as error:
        raise InvalidRequirement(shortened(str(error))) from None
    return requirement


def check_marker(marker: Marker | None, *, context: Literal["metadata", "lock_file"] = "metadata") -> None:
    """Raise ValueError if ``marker``, of a requirement or of a lock file, compares what cannot be compared."""
    if marker:
        marker.evaluate(_ANY_HOST, context=context)


def check_versions(specifiers: SpecifierSet) -> None:
    """Raise ValueError if ``specifiers`` have a version that no other can be compared with."""
    for one in specifiers:
        # === compares texts, whatever they are (PEP 440, "Arbitrary equality").
        if one.operator != "===":
            Version(one.version.removesuffix(".*"))


def shortened(why: str) -> str:
    """Return a library's message about a text, which may repeat that text, shortened."""
    return "\n".join(line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…" for line in why.splitlines()[:_LINES])


def shown(value: object) -> str:
    """Return ``value`` in quotes for a message: on one line, without control characters, and not too long."""
    text = repr(value[: _SHOWN + 1] if isinstance(value, str) else value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
