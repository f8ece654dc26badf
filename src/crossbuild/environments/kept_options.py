"""The options that a cross environment was made with, kept in it for what is installed later."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossbuild.declarations.option import Kind, converted
from crossbuild.environments.kept_document import read_document, versioned, write_document
from crossbuild.environments.options_json import as_json, from_json
from crossbuild.options.build_options import BuildOptions
from crossbuild.redaction import without_login

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FILE = "options.json"


def lasting(options: BuildOptions) -> BuildOptions:
    """Return ``options`` that mean the same in every working directory, without logins in addresses."""
    configuration = options.configuration
    packages = {name: converted(one, _LASTING) for name, one in configuration.packages.items()}
    hosts = {name: converted(one, _LASTING) for name, one in configuration.hosts.items()}
    return replace(converted(options, _LASTING), configuration=replace(configuration, packages=packages, hosts=hosts))


def _lasting_place(text: str) -> str:
    return without_login(_lasting_path(text))


def _lasting_path(text: str) -> str:
    """Return ``text``, if it is a path of something that is there as an absolute one."""
    return str(Path(text).absolute()) if text and os.path.lexists(text) else text


def _lasting_command(command: str) -> str:
    """Return ``command`` with the paths in it absolute; what has no slash is looked for on ``PATH``."""
    words = shlex.split(command)
    paths = [word for word in words if "/" in word and not word.startswith("-")]
    return shlex.join(str(Path(word).absolute()) if word in paths else word for word in words)


_LASTING: Mapping[Kind, Callable[[Any], Any]] = {
    **dict.fromkeys((Kind.FILE, Kind.REGULAR_FILE, Kind.FILES, Kind.PROGRAM), Path.absolute),
    **dict.fromkeys((Kind.DIRECTORY, Kind.NEW_DIRECTORY), Path.absolute),
    Kind.SYSROOT: lambda one: one.absolute() if isinstance(one, Path) else one,
    Kind.HOST: _lasting_path,
    **dict.fromkeys((Kind.PREFIX, Kind.COMMAND), _lasting_command),
    **dict.fromkeys((Kind.PLACE, Kind.PLACES), _lasting_place),
    **dict.fromkeys((Kind.MIRRORS, Kind.REQUIREMENTS), without_login),
}
"""What is kept of a value, for the kinds that name files or addresses."""


def keep_options(directory: Path, options: BuildOptions) -> None:
    """Write ``options`` into ``directory``, for the user alone."""
    write_document(directory / _FILE, versioned({"options": as_json(lasting(options))}), mode=0o600)


def kept_options(directory: Path) -> BuildOptions:
    """Return what :func:`keep_options` wrote into ``directory``.

    Raises UsageError if nothing is there that this version of crossbuild wrote.
    """
    return read_document(directory / _FILE, _options)


def _options(facts: Mapping[str, Any]) -> BuildOptions:
    options = from_json(facts["options"])
    if not isinstance(options, BuildOptions):
        raise TypeError("it holds something else than options")
    return options
