"""The options that a cross environment was made with, kept in it for what is installed later."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossbuild.environments.kept_document import read_document, versioned, write_document
from crossbuild.environments.options_json import as_json, from_json
from crossbuild.options.build_options import BuildOptions
from crossbuild.redaction import without_login

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crossbuild.options.configuration import Configuration

_FILE = "options.json"


def lasting(options: BuildOptions) -> BuildOptions:
    """Return ``options`` that mean the same in every working directory, without logins in addresses."""
    # Files and directories of the host request are absolute already, by the command line and the configuration.
    index, toolchain = options.index, options.toolchain
    return replace(
        options,
        host=_lasting_path(options.host),
        build_python=options.build_python and options.build_python.absolute(),
        sysroot=options.sysroot.absolute() if isinstance(options.sysroot, Path) else options.sysroot,
        build_constraints=tuple(file.absolute() for file in options.build_constraints),
        toolchain=replace(
            toolchain,
            choice=_lasting_command(toolchain.choice),
            cc=_lasting_command(toolchain.cc),
            cxx=_lasting_command(toolchain.cxx),
            ar=_lasting_command(toolchain.ar),
            fc=_lasting_command(toolchain.fc),
        ),
        index=replace(
            index,
            index_url=_lasting_place(index.index_url),
            extra_index_urls=tuple(map(_lasting_place, index.extra_index_urls)),
            find_links=tuple(map(_lasting_place, index.find_links)),
        ),
        sysroot_source=options.sysroot_source.bare,
        configuration=_lasting_configuration(options.configuration),
        host_requires=_bare(options.host_requires),
        cache_dir=options.cache_dir.absolute(),
    )


def _lasting_configuration(configuration: Configuration) -> Configuration:
    packages = {
        name: replace(
            one,
            build_requires=_bare(one.build_requires),
            host_requires=_bare(one.host_requires),
            constraints=_bare(one.constraints),
        )
        for name, one in configuration.packages.items()
    }
    hosts = {name: replace(one, sysroot_source=one.sysroot_source.bare) for name, one in configuration.hosts.items()}
    return replace(configuration, packages=packages, hosts=hosts)


def _bare(requirements: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(without_login, requirements))


def _lasting_place(text: str) -> str:
    return without_login(_lasting_path(text))


def _lasting_path(text: str) -> str:
    """Return ``text``, if it is a path of something that is there as an absolute one."""
    return str(Path(text).absolute()) if text and os.path.lexists(text) else text


def _lasting_command(command: str | None) -> str | None:
    """Return ``command`` with the paths in it absolute; what has no slash is looked for on ``PATH``."""
    if command is None:
        return None
    words = shlex.split(command)
    paths = [word for word in words if "/" in word and not word.startswith("-")]
    return shlex.join(str(Path(word).absolute()) if word in paths else word for word in words)


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
