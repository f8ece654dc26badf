"""Builds that are begun again with an emulator, once they turned out to run what is for the host."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from crossbuild.advice.host_code import HostCode, made_files
from crossbuild.advice.host_code_used import read_uses
from crossbuild.emulation.level import LEVELS, Emulation
from crossbuild.emulation.namespace import obstacle, remedy
from crossbuild.errors import BackendError, HostError, NetworkError, SysrootError
from crossbuild.reporting import SilentReporter
from crossbuild.runtimes.provide import provide_emulated_python, provide_emulator
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
    "The kernel does not start the host's programs here ({}). Only CMake, Meson, cargo and automake can, and what "
    "calls run-on-host PROGRAM, which is on the build's PATH. {}"
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
    if wish in LEVELS:
        asked_for = _emulation(session, packages, wish, why=f"--emulate {wish}")
        _tell_obstacle(asked_for, session)
        return attempt(source, session.with_emulation(asked_for))
    emulation = Emulation(higher=partial(_at_hand, session, packages))
    while True:
        try:
            return attempt(source, session.with_emulation(emulation))
        except BackendError as error:
            code = _read(error.record, error.log)
            higher = _helping(emulation, code)
            if not higher:
                raise
            if error.kept:
                remove_tree(error.kept)
        session.reporter.note(f"It needs {higher.why}, so it is built again, with {higher.by} to run it")
        _tell_obstacle(higher, session)
        emulation, source = higher, source.unpacked_again()


def _tell_obstacle(emulation: Emulation, session: Session) -> None:
    if emulation.obstacle:
        session.reporter.warning(_OBSTACLE.format(emulation.obstacle, remedy()))


def check_host_code(build: BuildDirectory, session: Session) -> None:
    """Raise HostCodeError if the build went on without what is for the host, and an emulator is at hand."""
    code = _read(build.record, build.log)
    if _helping(session.job.emulation, code):
        raise HostCodeError(f"The build went on without {code}.")


def _helping(emulation: Emulation, code: HostCode) -> Emulation | None:
    """Return what a build gets that needs ``code``; None if it has to do with ``emulation``, or would fail again."""
    higher = emulation.raised(code.level, str(code))
    if higher and higher.obstacle and not (higher.python or code.is_asked_by_tools):
        return None
    return higher


def _at_hand(session: Session, packages: frozenset[str], level: str, why: str) -> Emulation | None:
    """Return the emulation of ``level`` if it takes no download, or these are allowed."""
    if not session.options.provision:
        # What is not there is no failure, so nobody hears of the search.
        session = replace(session.offline, job=replace(session.job, reporter=SilentReporter()))
    try:
        found = _emulation(session, packages, level, why=why)
    except (SysrootError, NetworkError, HostError):
        return None
    return found if found.level == level else None


def _emulation(session: Session, packages: frozenset[str], level: str, *, why: str) -> Emulation:
    higher, python = partial(_at_hand, session, packages), None
    if level == "python":
        emulator, python = provide_emulated_python(session, packages=packages)
    else:
        emulator = provide_emulator(session, packages=packages)
    keeps = obstacle(emulator) if emulator else ""
    return Emulation(emulator=emulator, python=python, obstacle=keeps, why=why, higher=higher)


def _read(record: Path | None, log: Path | None) -> HostCode:
    if record is None:
        return HostCode()
    output = log.read_text(encoding="utf-8", errors="replace") if log and log.is_file() else ""
    invocations = read_record(record)
    return HostCode.from_output(output, made_files(invocations), read_uses(record, invocations))
