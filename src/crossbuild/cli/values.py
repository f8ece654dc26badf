"""The words that options take, read and checked."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from crossbuild.options.build_options import ConfigSettings
    from crossbuild.options.environment_changes import EnvironmentChange
    from crossbuild.sysroot.names import SysrootName

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DIRECTORY = click.Path(file_okay=False, path_type=Path)
FOUND_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)
_SHOWN = 200
"""Characters of a path that a message shows."""


def sysroot(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> Path | SysrootName | None:
    """Read a directory, or a distribution's release."""
    from crossbuild.sysroot.names import SysrootName, is_sysroot_name

    if value is None:
        return None
    return SysrootName.from_text(value) if is_sysroot_name(value) else Path(value)


def python_version(
    _ctx: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[tuple[int, int] | None, str | None]:
    """Read ``3.13t`` as a version and ABI flags."""
    from crossbuild.errors import UsageError
    from crossbuild.host.host_request import python_from_text

    try:
        return python_from_text(value) if value is not None else (None, None)
    except UsageError as error:
        raise click.BadParameter(error.what) from None


def size(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """Read ``20G`` as bytes."""
    from crossbuild.system.disk_usage import size_from_text

    try:
        return size_from_text(value) if value is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def mirrors(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Read the addresses of archives: the first, and the others."""
    from crossbuild.sysroot.apt_sources import first_and_further

    return first_and_further(values)


def config_vars(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read ``NAME=VALUE``, of a name the last."""
    return dict(_pair(text, "NAME=VALUE") for text in values)


def environment_changes(
    _ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[EnvironmentChange, ...]:
    """Read ``NAME=VALUE`` and what else changes a variable."""
    from crossbuild.errors import UsageError
    from crossbuild.options.environment_changes import EnvironmentChange

    try:
        return tuple(map(EnvironmentChange.from_text, values))
    except UsageError as error:
        raise click.BadParameter(f"{error.what} {error.fix}") from None


def format_control(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """Read ``numpy,lxml`` or ``:all:``, as pip does: ``:none:`` takes back what was said before it."""
    from crossbuild.requirements.file import choose

    names: set[str] = set()
    for words in values:
        choose(words, names, set())
    return frozenset(names)


def project_names(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """Read names of projects, and normalise them."""
    from packaging.utils import InvalidName, canonicalize_name

    try:
        return frozenset(canonicalize_name(text, validate=True) for text in values)
    except InvalidName as error:
        raise click.BadParameter(str(error)) from None


def findings(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """Read IDs of findings, separated by commas."""
    from crossbuild.errors import UsageError
    from crossbuild.wheels.selection import find_rule

    try:
        return frozenset(find_rule(id_).id for id_ in _ids(values))
    except UsageError as error:
        raise click.BadParameter(f"{error.what} {error.fix}") from None


def ignored_findings(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """Read IDs of findings that can be ignored."""
    from crossbuild.errors import UsageError
    from crossbuild.wheels.selection import check_ignored

    ids = findings(ctx, parameter, values)
    try:
        check_ignored(ids)
    except UsageError as error:
        raise click.BadParameter(f"{error.what} {error.why}") from None
    return ids


def _ids(values: tuple[str, ...]) -> list[str]:
    return [id_.strip() for text in values for id_ in text.split(",") if id_.strip()]


def host_path(_ctx: click.Context, _parameter: click.Parameter, value: PurePosixPath | None) -> PurePosixPath | None:
    """Return a path as the host has it, from ``/``."""
    if value and not value.is_absolute():
        raise click.BadParameter(f"'{value}' is not an absolute path. Give it as the host has it, such as /usr.")
    return value


def absolute(_ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Return the path from ``/``, links as they are."""
    # Not resolve(): through a link, files beside the target would be found instead of those beside the link.
    return value.absolute() if value else None


def writable(_ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Return the path of a file that can be written."""
    from crossbuild.system.filesystem import check_writable

    # Said in our words: the system's, No such file, would seem to be about a file that is yet to be written.
    if value and not value.absolute().parent.is_dir():
        raise click.BadParameter(f"There is no directory {value.parent}.")
    if value:
        with _usable(value):
            check_writable(value)
    return value


def fillable_unless_there(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Return the path of a directory that is there, or can be made and filled. Parts of one may be read-only."""
    # What is there is judged when it is used: a root file system may have only some writable directories.
    return value if value and value.exists() else fillable(ctx, parameter, value)


def writable_unless_there(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Return the path of a file that is there, to be read, or can be written."""
    return value if value and value.exists() else writable(ctx, parameter, value)


def fillable(_ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Return the path of a directory that files can be put into, once it is made."""
    from crossbuild.system.filesystem import check_fillable

    if value:
        with _usable(value):
            check_fillable(value)
    return value


def index_directory(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Return the directory of an index that is made. To uv, the option of that name is an index to ask."""
    if value and re.match(r"[\w+=-]*:/", str(value)):
        raise click.BadParameter(
            "It takes a directory to write an index to. To use an index: --extra-index-url or --index-url."
        )
    return fillable(ctx, parameter, value)


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    """Turn what the system says of ``path`` into click.BadParameter."""
    try:
        yield
    except OSError as error:
        # A path that is too long for the system would fill the screen, and is shown in part.
        raise click.BadParameter(f"{_shortened(path)} cannot be written to: {error.strerror}.") from None


def _shortened(path: Path) -> str:
    return text if len(text := str(path)) <= _SHOWN else f"{text[:_SHOWN]}…"


def regular_file(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Return the path of one such file, from ``/``."""
    return regular(ctx, parameter, (value,))[0].absolute() if value else None


def regular(_ctx: click.Context, _parameter: click.Parameter, values: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the paths of regular files, which another program will read to their ends."""
    for value in values:
        # Process substitution gives a pipe, which only this process can open, and only once.
        if not value.is_file():
            raise click.BadParameter(f"{value} is not a regular file.")
    return values


def place(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    """Return the address of a place. An empty one, from an unset variable, would mean another place."""
    if value is not None and not value.strip():
        raise click.BadParameter("The address is empty.")
    return value or ""


def places(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses of places; none may be empty."""
    return tuple(place(ctx, parameter, value) for value in values)


def requirements(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Check that each is a requirement (PEP 508)."""
    from packaging.requirements import InvalidRequirement

    from crossbuild.system.requirement_text import read_requirement, shown

    for text in values:
        try:
            read_requirement(text)
        except InvalidRequirement as error:
            raise click.BadParameter(f"{shown(text)} is not a requirement: {error}") from None
    return values


def settings(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> ConfigSettings:
    """Read ``KEY=VALUE``; a key given more than once gets a list."""
    from crossbuild.options.build_options import read_config_settings

    try:
        return read_config_settings(values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _pair(text: str, form: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise click.BadParameter(f"{text!r} is not {form}.")
    return key, value
