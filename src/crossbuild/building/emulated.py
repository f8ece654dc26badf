"""Builds that are begun again with an emulator, once they turned out to run what is for the host."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from crossbuild.advice.host_code import made_files, programs_needed
from crossbuild.advice.host_code_used import read_uses
from crossbuild.emulation.level import NO_EMULATION, Emulation
from crossbuild.emulation.namespace import obstacle
from crossbuild.errors import BackendError, NetworkError, SysrootError
from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.runtimes.provide import provide_emulator
from crossbuild.system.scratch import remove_tree
from crossbuild.toolchain.compile_record import read_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.native.build_layout import BuildDirectory
    from crossbuild.session.session import Session
    from crossbuild.sources.project import Source

_T = TypeVar("_T")
_OBSTACLE = (
    "This machine's kernel does not start the host's programs here ({}). Only CMake, Meson, cargo and automake start "
    "them, and what calls run-on-host, which is on the build's PATH."
)


class HostCodeError(BackendError):
    """A build succeeded, though it could not run what is for the host; with an emulator it can."""


def with_emulation(
    attempt: Callable[[Source, Session], _T], source: Source, *, session: Session, packages: frozenset[str]
) -> _T:
    """Call ``attempt`` with ``source``, and with a session that has what ``--emulate`` says; return its result.

    With ``auto`` that is nothing at first. If the build runs what is for the host, and an emulator is at hand, it is
    begun again with that. If it fails, and there is none, the error says how to get one.
    """
    wish = session.settings(source).emulate or session.options.emulate
    if wish == "never":
        return attempt(source, session)
    if wish == "programs":
        asked_for = _emulation(session, packages, why="--emulate programs")
        if asked_for.obstacle:
            session.reporter.warning(_OBSTACLE.format(asked_for.obstacle))
        return attempt(source, session.with_emulation(asked_for))
    at_hand = partial(_at_hand, session, packages)
    try:
        return attempt(source, session.with_emulation(Emulation(higher=at_hand)))
    except BackendError as error:
        needed = _programs_needed(error)
        emulation = at_hand(needed) if needed else None
        if not emulation:
            raise
        if error.kept:
            remove_tree(error.kept)
    session.reporter.note(f"It has to run {emulation.why}, so it is built again with an emulator")
    return attempt(source.unpacked_again(), session.with_emulation(emulation))


def check_host_code(build: BuildDirectory, session: Session) -> None:
    """Raise HostCodeError if the build ran programs of the host here, and an emulator is at hand."""
    needed = _read_needed(build.record, build.log)
    if needed and session.job.emulation.higher(needed):
        raise HostCodeError(f"The build went on without {needed}.")


def _at_hand(session: Session, packages: frozenset[str], why: str) -> Emulation | None:
    """Return what can be had without a download."""
    try:
        found = _emulation(session.offline, packages, why=why)
    except (SysrootError, NetworkError):
        return None
    return found if found.emulator else None


def _emulation(session: Session, packages: frozenset[str], *, why: str) -> Emulation:
    machine = ARCHITECTURES.get(os.uname().machine)
    if machine and machine.abi == session.plan(packages).known_host.platform.architecture.abi:
        return NO_EMULATION  # they run as they are
    emulator = provide_emulator(session, packages=packages)
    return Emulation(emulator=emulator, obstacle=obstacle(emulator), why=why)


def _programs_needed(error: BackendError) -> str:
    return _read_needed(error.record, error.log) if error.record and error.log else ""


def _read_needed(record: Path, log: Path) -> str:
    output = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    invocations = read_record(record)
    return ", ".join(programs_needed(output, made_files(invocations), read_uses(record, invocations)))
