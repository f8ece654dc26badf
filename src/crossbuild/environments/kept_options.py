"""The options that a cross environment was made with, kept in it for what is installed later.

They are this user's own values, written and read by the same version of crossbuild.
"""

from __future__ import annotations

import os
import pickle
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.redaction import without_login

if TYPE_CHECKING:
    from crossbuild.options.build_options import BuildOptions

_FILE = "options.pickle"


def lasting(options: BuildOptions) -> BuildOptions:
    """Return ``options`` that mean the same in every working directory, without passwords in addresses."""
    index, toolchain, hosts = options.index, options.toolchain, options.configuration.hosts
    hosts = {name: replace(host, sysroot_source=host.sysroot_source.bare) for name, host in hosts.items()}
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
        configuration=replace(options.configuration, hosts=hosts),
        cache_dir=options.cache_dir.absolute(),
    )


def _lasting_place(text: str) -> str:
    return without_login(_lasting_path(text))


def _lasting_path(text: str) -> str:
    """Return ``text``, if it is a path of something that is there as an absolute one."""
    return str(Path(text).absolute()) if text and os.path.lexists(text) else text


def _lasting_command(command: str | None) -> str | None:
    """Return ``command`` with the paths in it absolute; what has no slash is looked for on ``PATH``."""
    if command is None:
        return None
    words = (str(Path(word).absolute()) if re.match(r"[^-]*/", word) else word for word in shlex.split(command))
    return shlex.join(words)


def keep_options(directory: Path, options: BuildOptions) -> None:
    """Write ``options`` into ``directory``, for the user alone."""
    descriptor = os.open(directory / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        pickle.dump(lasting(options), stream)


def kept_options(directory: Path) -> BuildOptions:
    """Return what :func:`keep_options` wrote into ``directory``."""
    options: BuildOptions = pickle.loads((directory / _FILE).read_bytes())
    return options
