"""Hosts that a JSON file describes; which kind of file it is, its content tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.described.build_details import is_build_details, read_build_details
from crossbuild.host.described.host_file import KEY, read_host_file
from crossbuild.host.described.lone_variables import read_lone_variables
from crossbuild.host.reading.files import begins_with, follow, read_file
from crossbuild.system.documents import parse_json

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.host_request import HostRequest
    from crossbuild.host.model import Host, PartialHost

_LARGEST = 32 << 20
"""Bytes. A host file that brings its headers along has some three million, the other kinds less than a tenth of one."""

_KINDS = (
    "Files that describe a host are those of crossbuild host capture and crossbuild host show --json, and of its "
    "standard library build-details.json (PEP 739), _sysconfig_vars*.json and _sysconfigdata*.py."
)


def is_json_file(path: Path) -> bool:
    """Return whether ``path`` is named as JSON, or is a regular file that begins as an object of JSON does."""
    return path.suffix == ".json" or begins_with(follow(path), b"{")


def read_json_file(path: Path, *, name: str, sysroot: Path | None, request: HostRequest) -> Host | PartialHost:
    """Return the host that ``path`` describes: a host file, a ``build-details.json``, a ``_sysconfig_vars*.json``.

    Raises HostError if it is none of them, or does not describe a host that there can be.
    """
    path = follow(path)
    document = _document(path)
    if KEY in document:
        return read_host_file(document, path=path, name=name, sysroot=sysroot, request=request)
    if "EXT_SUFFIX" in document or "SOABI" in document:
        return read_lone_variables(path, name=name, sysroot=sysroot, request=request)
    if is_build_details(document):
        return read_build_details(document, path=path, name=name, sysroot=sysroot, request=request)
    raise HostError(f"{path} describes no host.", why="It is JSON, but of no kind that is known.", fix=_KINDS)


def _document(path: Path) -> dict[str, object]:
    try:
        document: object = parse_json(read_file(path, limit=_LARGEST))
    except ValueError as error:
        raise HostError(f"{path} cannot be parsed as JSON.", why=str(error), fix="Copy the file again.") from None
    if not isinstance(document, dict):
        raise HostError(f"{path} describes no host.", why="It holds no JSON object.", fix=_KINDS)
    return document
