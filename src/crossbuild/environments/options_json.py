"""Options as JSON. What JSON has no type for is a table whose only key is the name of its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from crossbuild.host.host_request import HostRequest
from crossbuild.options.build_options import BuildOptions, IndexOptions
from crossbuild.options.configuration import Configuration, NamedHost, PackageSettings
from crossbuild.options.environment_changes import EnvironmentChange
from crossbuild.options.repair_options import RepairOptions
from crossbuild.options.wheel_tests import WheelTests
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.names import SysrootName
from crossbuild.toolchain.model import ToolchainRequest

_CLASSES = {
    one.__name__: one
    for one in (
        *(BuildOptions, IndexOptions, Configuration, NamedHost, PackageSettings, EnvironmentChange),
        *(RepairOptions, WheelTests, HostRequest, ToolchainRequest, SourceRequest, SysrootName),
    )
}
"""The classes of options. A document can make nothing else."""


def as_json(value: Any) -> Any:
    """Return what :func:`from_json` reads. Raises TypeError for what that could not make again."""
    # By the exact type: what only derives from one of these would come back as that.
    kind = type(value)
    if value is None or kind in {bool, int, str}:
        return value
    if kind is list:
        return [as_json(one) for one in value]
    if kind in {tuple, frozenset}:
        content = [as_json(one) for one in value]
        return {kind.__name__: content if kind is tuple else sorted(content)}
    if isinstance(value, Path):
        return {"path": str(value)}
    if isinstance(value, Mapping):
        return {"mapping": {name: as_json(one) for name, one in value.items()}}
    if kind in _CLASSES.values():
        return {kind.__name__: {one.name: as_json(getattr(value, one.name)) for one in fields(value)}}
    raise TypeError(f"{kind.__name__} has no form in JSON")


def from_json(document: Any) -> Any:
    """Return the value of which :func:`as_json` made ``document``. Raises ValueError, TypeError or LookupError."""
    if isinstance(document, list):
        return [from_json(one) for one in document]
    if not isinstance(document, dict):
        return document
    ((kind, content),) = document.items()
    match kind:
        case "tuple":
            return tuple(map(from_json, content))
        case "frozenset":
            return frozenset(map(from_json, content))
        case "path":
            return Path(content)
    members = {name: from_json(one) for name, one in content.items()}
    return members if kind == "mapping" else _CLASSES[kind](**members)
