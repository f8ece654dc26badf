"""The Python that wheels are for, by their names: a platform tag as the host says nothing of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from crossbuild.platforms.platform import is_platform_tag

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from packaging.tags import Tag

    from crossbuild.options.build_options import BuildOptions

_ONE = re.compile(r"cp(?P<major>\d)(?P<minor>\d+)(?P<flags>[a-z]*)", re.ASCII)
"""The ABI tag of one Python (PEP 425); ``abi3`` and ``none`` are not."""

_Python = tuple[tuple[int, int], str]
"""A version, and ABI flags."""


def by_python(wheels: Iterable[Path], options: BuildOptions) -> list[tuple[BuildOptions, list[Path]]]:
    """Return ``wheels`` in groups, each with ``options`` for its Python.

    There is more than one group only if the host is a platform tag, and ``options`` name no Python.
    """
    if options.python or not is_platform_tag(options.host):
        return [(options, list(wheels))]
    groups: dict[_Python | None, list[Path]] = {}
    for wheel in wheels:
        groups.setdefault(_python_of(wheel), []).append(wheel)
    return [(_with_python(options, python), group) for python, group in groups.items()]


def _python_of(wheel: Path) -> _Python | None:
    """Return the one Python that ``wheel`` is for."""
    found = filter(None, (_ONE.fullmatch(tag.abi) for tag in _tags(wheel)))
    pythons = {((int(one["major"]), int(one["minor"])), one["flags"]) for one in found}
    return pythons.pop() if len(pythons) == 1 else None


def _with_python(options: BuildOptions, python: _Python | None) -> BuildOptions:
    if python is None:
        return options
    version, flags = python
    return replace(options, python=version, host_request=replace(options.host_request, abi_flags=flags))


def _tags(wheel: Path) -> frozenset[Tag]:
    try:
        *_, tags = parse_wheel_filename(wheel.name)
    except InvalidWheelFilename:
        return frozenset()  # the audit says more
    return tags
