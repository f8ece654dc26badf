"""The runner for the tests of a call: the one that the user names, else the first that works."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import HostError, UsageError
from crossbuild.platforms.qemu import qemu_options
from crossbuild.runtimes.host_python import host_python
from crossbuild.runtimes.loader import find_loader, runs_here
from crossbuild.runtimes.qemu import provide_qemu
from crossbuild.runtimes.uv_python import python_name
from crossbuild.system.ssh import ssh_destination
from crossbuild.testing.remote import ENGINES, ContainerRunner, SshRunner
from crossbuild.testing.runners import LocalRunner

if TYPE_CHECKING:
    from crossbuild.platforms.platform import Platform
    from crossbuild.runtimes.host_python import HostPython
    from crossbuild.session.session import Session
    from crossbuild.testing.runners import HostRunner

_OF_CONTAINERS = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm/v7",
    "armv6l": "arm/v6",
    "armv5tel": "arm/v5",
    "i686": "386",
    "loongarch64": "loong64",
}
"""The architectures that Go, and so container engines, call otherwise than wheel tags."""


def choose_runner(session: Session) -> HostRunner:
    """Return what runs the tests of ``session``; its Python was seen to run.

    Raises HostError if there is none, UsageError for a runner of an unknown form, and what fetching raises.
    """
    environ = session.services.environ
    named = _named(session)
    if named:
        named.check(environ)
        return named
    python, host = host_python(session), session.plan().known_host
    direct = _directly(python, host.platform)
    if direct is not None:
        runner = _starter(python, host.version, direct, "directly on this machine")
        with suppress(HostError):
            runner.check(environ)
            return runner
    runner = _by_qemu(session, python)
    runner.check(environ)
    return runner


def _named(session: Session) -> HostRunner | None:
    """Return the runner that the user names."""
    host, words = session.plan().known_host, session.options.runner
    form, separator, place = words.partition("://")
    facts = {"version": host.version, "program": python_name(host)}
    if not words:
        return None
    if (destination := ssh_destination(words)) is not None:
        return SshRunner(destination=destination, **facts)
    if form in ENGINES and separator:
        name = host.platform.architecture.name
        return ContainerRunner(engine=form, image=place, platform=f"linux/{_OF_CONTAINERS.get(name, name)}", **facts)
    if separator and " " not in form:
        raise UsageError(
            f"{words!r} is not a runner.",
            fix="A runner is a command, ssh://USER@HOST, docker://IMAGE or podman://IMAGE.",
        )
    return _starter(host_python(session), host.version, tuple(shlex.split(words)), f"by `{words}`")


def _by_qemu(session: Session, python: HostPython) -> LocalRunner:
    """Return the runner with qemu-user, of ``PATH`` or fetched."""
    host = session.plan().known_host
    architecture = host.platform.architecture
    qemu, source = provide_qemu(session, architecture)
    root = ("-L", str(python.root)) if python.root else ()
    return _starter(python, host.version, (str(qemu), *qemu_options(architecture), *root), f"by {source}")


def _directly(python: HostPython, platform: Platform) -> tuple[str, ...] | None:
    """Return what starts ``python`` without an emulator; None if this machine has another CPU."""
    if python.root is None or python.root == Path("/"):
        return () if runs_here(platform) else None
    loader = find_loader(python.root, platform)
    return loader.command if loader else None


def _starter(python: HostPython, version: str, before: tuple[str, ...], how: str) -> LocalRunner:
    shown = f"{how}, with Python {version} of {python.source}"
    return LocalRunner(python=python.executable, version=version, before=before, shown=shown)
