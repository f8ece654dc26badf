"""The arguments of a program, as the values that the frontend takes."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.options.build_options import BuildOptions
from crossbuild.options.variables import with_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crossbuild.image.fill import ImageTarget
    from crossbuild.requirements.request import Request
    from crossbuild.wheels.selection import Selection


def options_from(
    options: BuildOptions | None,
    environ: Mapping[str, str] | None,
    *,
    host: str | Path,
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    settings: Mapping[str, str | list[str]] | None = None,
) -> BuildOptions:
    """Return ``options`` with what else is given in their places. Raises UsageError and SysrootError."""
    from packaging.utils import canonicalize_name

    from crossbuild.host.host_request import python_from_text
    from crossbuild.sysroot.names import SysrootName, is_sysroot_name

    options = replace(defaults(options, environ), host=str(host))
    if python:
        version, abi_flags = python_from_text(python)
        options = replace(options, python=version, host_request=replace(options.host_request, abi_flags=abi_flags))
    if toolchain:
        options = replace(options, toolchain=replace(options.toolchain, choice=toolchain))
    if sysroot:
        # A Path is a directory even if it is spelled like a release.
        is_name = isinstance(sysroot, str) and is_sysroot_name(sysroot)
        options = replace(options, sysroot=SysrootName.from_text(str(sysroot)) if is_name else Path(sysroot))
    return replace(
        options,
        config_settings={**options.config_settings, **(settings or {})},
        # The command line normalises names as it reads them. A program may write them as it likes.
        no_check=frozenset(map(canonicalize_name, options.no_check)),
    )


def with_tests(options: BuildOptions, *, command: str, requires: str | Iterable[str], runner: str) -> BuildOptions:
    """Return ``options`` with what else is given about tests in its places."""
    # A text is iterable, too. On the command line, it would be one requirement.
    wanted = (requires,) if isinstance(requires, str) else tuple(requires)
    tests = replace(
        options.tests,
        test_command=command or options.tests.test_command,
        test_requires=(*options.tests.test_requires, *wanted),
    )
    return replace(options, tests=tests, runner=runner or options.runner)


def defaults(options: BuildOptions | None, environ: Mapping[str, str] | None) -> BuildOptions:
    """Return ``options``, or those of a program that has none, with what the environment says in their places."""
    return with_variables(options or BuildOptions(), environ_from(environ))


def environ_from(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    """Return ``environ``, or else the environment of this process."""
    return os.environ if environ is None else environ


def request_from(
    request: Request | None,
    specs: str | Path | Iterable[str | Path],
    requirements: str | Path | Iterable[str | Path],
    constraints: str | Path | Iterable[str | Path],
    *,
    dependencies: bool,
    build_named: bool,
) -> Request:
    """Return ``request`` with what else is given. ``build_named``: what its field means if it is left open."""
    from packaging.utils import canonicalize_name

    from crossbuild.requirements.request import Request

    request = request or Request()
    return replace(
        request,
        specs=(*map(spec_text, _each(specs)), *request.specs),
        files=(*map(Path, _each(requirements)), *request.files),
        constraints=(*map(Path, _each(constraints)), *request.constraints),
        # Either of the two can leave them out: the default of the other is not a wish.
        dependencies=dependencies and request.dependencies,
        no_binary=frozenset(map(canonicalize_name, request.no_binary)),
        only_binary=frozenset(map(canonicalize_name, request.only_binary)),
        build_named=build_named if request.build_named is None else request.build_named,
    )


def selection_from(wheel: Path, options: BuildOptions | None, select: Iterable[str]) -> Selection:
    """Return which findings count for ``wheel``. Raises UsageError for IDs that no finding has."""
    from crossbuild.wheels.selection import Selection, check_selections, find_rule

    options = options or BuildOptions()
    check_selections(options)
    # A text is iterable, too. On the command line, it would be one ID.
    ids = [find_rule(id_).id for id_ in ([select] if isinstance(select, str) else select)]
    return Selection.for_project(wheel.name.partition("-")[0], options, select=ids)


def image_from(
    image: ImageTarget | None,
    root: str | Path | None,
    prefix: str | PurePosixPath | None,
    target: str | Path | None,
) -> ImageTarget:
    """Return ``image`` with what else is given in its places. Raises UsageError for what cannot be meant."""
    from crossbuild.image.fill import ImageTarget

    image = image or ImageTarget()
    made = replace(
        image,
        root=path_from(root) or image.root,
        target=path_from(target) or image.target,
        prefix=PurePosixPath(prefix) if prefix else image.prefix,
    )
    made.check()
    return made


def spec_text(spec: str | Path) -> str:
    """Return ``spec`` in the words of the command line, in which a path has a slash."""
    # ``Path("numpy")`` is a directory, while the text ``numpy`` is a project on an index.
    return f"{spec.absolute()}" if isinstance(spec, Path) else spec


def path_from(text: str | Path | None) -> Path | None:
    """Return the path that ``text`` is, if it is there."""
    return Path(text) if text else None


def _each(one_or_more: str | Path | Iterable[str | Path]) -> Iterable[str | Path]:
    # A text is iterable, too, and its characters are all valid names of projects.
    return [one_or_more] if isinstance(one_or_more, (str, Path)) else one_or_more
