"""The headers of a host Python: which version and machine they are for, and the host that they complete.

Source: CPython's Include/patchlevel.h (the version).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.model import Host
from crossbuild.host.reading.files import follow, read_text
from crossbuild.host.reading.pyconfig import config_variables, read_pyconfig

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.host.model import HostFacts, Variables
    from crossbuild.platforms.platform import Platform


def with_headers(
    facts: HostFacts, headers: Path, variables: Variables, *, library: tuple[int, int] | None = None
) -> Host:
    """Return the host of ``facts`` with the files in ``headers``, which have to be of the version of ``variables``.

    ``library`` is the version of its standard library, where there is one. Raises HostError.
    """
    read_from = {"python_version": str(headers / "patchlevel.h"), "headers": str(headers), "pyconfig": str(headers)}
    return Host(
        **facts.common | {"origin": {**facts.origin, **read_from}},
        python_version=header_version(headers, variables, facts.prefix or headers, library=library),
        build_time_vars=variables,
        headers=headers,
        pyconfig=checked_pyconfig(headers, facts.platform, str(variables.get("MULTIARCH") or "")),
    )


def checked_pyconfig(headers: Path, platform: Platform, multiarch: str = "") -> str:
    """Return the text of the ``pyconfig.h`` in ``headers``. Raises HostError unless it is for ``platform``."""
    bits = platform.architecture.bits
    text = read_pyconfig(headers, multiarch=multiarch or platform.multiarch, bits=bits)
    size = config_variables(text).get("SIZEOF_VOID_P")
    if size != bits // 8:
        raise HostError(
            f"The pyconfig.h in {headers} is for another machine.",
            why=f"Its pointers have {size} bytes, the host's have {bits // 8}.",
            fix="Install the host Python's development package for its own architecture.",
        )
    return text


def check_headers(headers: Path, version: tuple[int, int]) -> None:
    """Raise HostError unless the directory ``headers`` holds the headers of a Python of ``version``."""
    check_patchlevel(read_text(follow(headers / "patchlevel.h")), version, where=str(headers))
    if not follow(headers / "Python.h").is_file():
        raise HostError(f"{headers} holds no Python.h.", fix="Name the directory that holds it.")


def check_patchlevel(text: str, version: tuple[int, int], *, where: str) -> None:
    """Raise HostError unless ``text``, the ``patchlevel.h`` in ``where``, is that of a Python of ``version``."""
    found = _version_in(text, where)[:2]
    if found != version:
        raise HostError(
            "The headers in {} are those of Python {}.{}, but the host is Python {}.{}.".format(
                where, *found, *version
            ),
            fix="Name the host Python's own headers.",
        )


def _version_in(text: str, where: str) -> tuple[int, int, int]:
    pattern = r"^#\s*define\s+PY_(MAJOR|MINOR|MICRO)_VERSION\s+(\d{1,4})\b"
    numbers = dict(re.findall(pattern, text, flags=re.MULTILINE | re.ASCII))
    if len(numbers) != len(("MAJOR", "MINOR", "MICRO")):
        raise HostError(
            f"patchlevel.h in {where} does not say which version of Python it belongs to.",
            fix="Copy the headers of the host Python again, all of them.",
        )
    return int(numbers["MAJOR"]), int(numbers["MINOR"]), int(numbers["MICRO"])


def header_version(
    headers: Path, variables: Variables, where: Path, *, library: tuple[int, int] | None = None
) -> tuple[int, int, int]:
    """Return the version that ``headers`` are of. Raises HostError unless ``variables`` and ``library`` are, too."""
    version = _version_in(read_text(follow(headers / "patchlevel.h")), str(headers))
    check_version({"headers": version[:2], **({"standard library": library} if library else {})}, variables, where)
    return version


def check_version(parts: Mapping[str, tuple[int, int]], variables: Variables, where: Path) -> None:
    """Raise HostError unless all ``parts`` of the Python in ``where`` are of the version that ``variables`` record."""
    said = {part: "{}.{}".format(*version) for part, version in parts.items()}
    said["sysconfigdata"] = str(variables.get("VERSION") or "nothing")
    if len(set(said.values()) - {"nothing"}) > 1:
        raise HostError(
            f"The host in {where} contradicts itself: "
            f"{', '.join(f'its {part} says {number}' for part, number in said.items())}.",
            fix="Name a host Python whose files belong together.",
        )
