"""Install distributions into a root, and remove them from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from crossbuild.errors import InstallError
from crossbuild.image.bytecode import compile_all
from crossbuild.image.changes import plan_installation, plan_removal
from crossbuild.image.installed import installed_in
from crossbuild.image.staged import stage, write_record
from crossbuild.image.stripping import strip_all
from crossbuild.image.transaction import commit, locked, recover, staging

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.image.installed import Installed
    from crossbuild.image.staged import Staged
    from crossbuild.image.wheel_layout import Layout
    from crossbuild.system.processes import Runner
    from crossbuild.wheels.distribution import Distribution


def install(
    distributions: Sequence[Distribution],
    layout: Layout,
    *,
    host: Host,
    runner: Runner,
    environ: Mapping[str, str],
    locks: Path,
    compile_with: Path | None = None,
    strip: Path | None = None,
) -> list[Installed]:
    """Install ``distributions`` in place of those of the same names, and return them as they are there now.

    Their wheels passed the check for ``host``.
    The root changes as a whole or not at all. If the process is killed, the next one to install, to uninstall or to
    :func:`~crossbuild.image.transaction.recover` undoes the unfinished change. ``locks``: a directory for lock files,
    the same for all who change roots. ``compile_with``: a build Python of the host's version, to make bytecode.
    ``strip``: a program that strips the host's machine code. Raises InstallError, with all that is in the way.
    """
    if twice := list(_twice(distributions)):
        raise InstallError("Nothing was installed.", why="\n".join(twice), fix="Give one wheel of each project.")
    with locked(layout.root, locks), staging(layout.root) as directory:
        staged = _stage_all(distributions, layout, directory)
        if strip:
            strip_all(staged, strip=strip, runner=runner, environ=environ)
        if compile_with:
            staged = compile_all(
                staged,
                layout,
                directory / "bytecode",
                host=host,
                python=compile_with,
                runner=runner,
                environ=environ,
            )
        # Last, since stripping and compiling change what RECORD lists.
        for one in staged:
            write_record(one)
        commit(layout.root, plan_installation(staged, layout, installed_in(layout)))
        names = {distribution.name for distribution in distributions}
        return [one for one in installed_in(layout) if one.name in names]


def uninstall(names: Iterable[str], layout: Layout, *, locks: Path) -> list[Installed]:
    """Remove the projects ``names``, and return what they were.

    Raises InstallError where one is not there, or does not say which files it has; then nothing is removed.
    """
    normalised = [canonicalize_name(name) for name in names]
    with locked(layout.root, locks):
        recover(layout.root)
        before = installed_in(layout)
        change = plan_removal(normalised, layout, before)
        with staging(layout.root):
            commit(layout.root, change)
    return [one for one in before if one.name in normalised]


def _stage_all(distributions: Sequence[Distribution], layout: Layout, directory: Path) -> list[Staged]:
    staged, complaints = [], []
    for number, distribution in enumerate(distributions):
        try:
            staged.append(stage(distribution, layout, directory / str(number)))
        except InstallError as error:
            complaints.append(f"{error.what} {error.why}")
    if complaints:
        raise InstallError(
            "Nothing was installed.", why="\n".join(complaints), fix="Leave these wheels out, or use other ones."
        )
    return staged


def _twice(distributions: Sequence[Distribution]) -> list[str]:
    names = [distribution.name for distribution in distributions]
    return [f"{name} is there more than once." for name in sorted({name for name in names if names.count(name) > 1})]
