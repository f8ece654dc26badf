"""Whether what a wheel is built again with is what it was built with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError, ToolchainError
from crossbuild.provenance.portable import portable
from crossbuild.session.targets import Targets
from crossbuild.sysroot.names import SysrootName, is_sysroot_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crossbuild.provenance.resource import Resource
    from crossbuild.provenance.statement import Statement
    from crossbuild.session.session import Session
    from crossbuild.sysroot.model import Sysroot

_PACKAGE = "sysroot-package"
_PINNED = "build-requirement"
"""What is installed by its hash, or not at all."""


def check_tools(statement: Statement, session: Session) -> None:
    """Raise ToolchainError unless the compiler of ``session`` is that of ``statement``; warn of another Python."""
    target, said = session.target(), statement.internal["toolchain"]
    toolchain, python = target.toolchain, target.build_python
    here = {"kind": toolchain.kind, "version": portable(toolchain.version)}
    if here != said:
        raise ToolchainError(
            f"{statement.wheel} was built with {said['version']}; here it would be {here['version']}.",
            fix="Give the same compiler, with --toolchain or --cc.",
        )
    machine = statement.internal["build-machine"]
    own = {"platform": python.platform, "python": ".".join(map(str, python.version))}
    if own != machine:
        session.reporter.warning(
            f"The wheel was built with Python {machine['python']} on {machine['platform']}; here it is "
            f"{own['python']} on {own['platform']}."
        )


def with_recorded_sysroot(statement: Statement, session: Session, into: Path) -> Session:
    """Return the session with just the packages in its sysroot that ``statement`` has, made ``into`` that if need be.

    Raises SysrootError if their versions are gone.
    """
    recorded = statement.internal.get("sysroot")
    if recorded is None:
        return session
    wanted = [one for one in statement.dependencies if one.role == _PACKAGE]
    there = session.describe().sysroot
    # What else is in a sysroot, a build may find and use.
    if there and len(there.packages) == len(wanted) and not _missing(wanted, there):
        return session
    made = session.sysroots.create(
        SysrootName.from_text(str(recorded["name"])),
        tuple(recorded.get("requested", ())),
        request=session.options.sysroot_source,
        into=into,
        locked=[f"{one.name}={one.version}" for one in wanted],
    )
    if missing := _missing(wanted, made):
        raise SysrootError(
            f"The archive has other packages than {statement.wheel} was built with: {', '.join(missing)}.",
            fix="Give the time at which it had those: --snapshot TIME.",
        )
    return _inside(session, made)


def _missing(wanted: Iterable[Resource], sysroot: Sysroot) -> list[str]:
    """Return the packages among ``wanted`` that ``sysroot`` does not have as they were."""
    there = {(one.name, one.version, one.sha256) for one in sysroot.packages}
    return [one.label for one in wanted if (one.name, one.version, one.sha256) not in there]


def _inside(session: Session, made: Sysroot) -> Session:
    """Return the session for the host in ``made``, or with its libraries."""
    options = session.options
    if is_sysroot_name(options.host):
        wanted = "python{}.{}".format(*options.python or ())
        python = next((one for one in made.pythons if one.name.rstrip("t") == wanted), made.pythons[0])
        options = replace(options, host=str(python), sysroot=None)
    else:
        options = replace(options, sysroot=made.directory)
    return replace(session, options=options, targets=Targets())


def differing_inputs(first: Statement, second: Statement) -> list[str]:
    """Return in what the build of ``second`` used something else than that of ``first``, a line for each."""
    old, new = _inputs(first), _inputs(second)
    lines = [
        *(f"Only the first was built with {old[key]}" for key in old if key not in new),
        *(f"Only the second was built with {new[key]}" for key in new if key not in old),
    ]
    if first.source.digest != second.source.digest:
        lines.append("The source is not what the first was built from")
    if first.internal["host"] != second.internal["host"]:
        lines.append("The host describes itself in another way")
    return lines


def _inputs(statement: Statement) -> dict[tuple[str, ...], str]:
    """Return what messages call the inputs of a build, by what tells one from another."""
    inputs = (one for one in statement.dependencies if one.role != _PINNED)
    return {(one.role, one.name, *sorted(one.digest.values())): f"{one.label} ({one.role})" for one in inputs}
