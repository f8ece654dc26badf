"""From what is asked for to an image that has it: chosen, fetched or built, installed, and written down."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from crossbuild.errors import InstallError, ToolchainError, UsageError
from crossbuild.host.model import Host
from crossbuild.image.install import install, uninstall
from crossbuild.image.installed import importable_in, installed_in
from crossbuild.image.manifest import manifest
from crossbuild.image.missing_libraries import knows_libraries, missing_libraries
from crossbuild.image.sbom import sbom
from crossbuild.image.transaction import locked, recover, roll_back
from crossbuild.image.wheel_layout import Layout
from crossbuild.resolve.candidates import Candidate
from crossbuild.system.filesystem import write_text
from crossbuild.system.processes import Runner
from crossbuild.system.source_date import source_date_epoch
from crossbuild.wheelhouse.dry_run import plan_request
from crossbuild.wheelhouse.gate import deliver
from crossbuild.wheelhouse.make import distributions, write_lock
from crossbuild.wheels.distribution import Distribution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePosixPath

    from crossbuild.image.installed import Installed
    from crossbuild.image.missing_libraries import MissingLibrary
    from crossbuild.reporting import ProgressReporter
    from crossbuild.requirements.request import Request
    from crossbuild.session.session import Session
    from crossbuild.system.cache import Cache
    from crossbuild.wheelhouse.dry_run import Plan


@dataclass(frozen=True, kw_only=True)
class ImageTarget:
    """Where an image is, and how things lie in it."""

    root: Path | None = None
    """What the host's ``/`` is on this machine."""
    target: Path | None = None
    """A directory that packages are imported from, instead of a root."""
    prefix: PurePosixPath | None = None
    """As on the host; None for its Python's own."""
    scheme: str = ""
    """A name of sysconfig's; empty for the one that pip has on the host."""
    interpreter: str = ""
    """What scripts start, as on the host; empty for the host's Python."""

    @property
    def directory(self) -> Path:
        """The root or the target, as the user wrote it."""
        return self.root or self.target or Path()

    def check(self) -> None:
        """Raise UsageError if it does not say where to install, says it twice, or has a prefix that is not a path."""
        if (self.root is None) == (self.target is None):
            raise UsageError("Give either a root (--root DIR) or a target (--target DIR) to install into.")
        if self.target and (self.prefix or self.scheme):
            raise UsageError("A prefix and a scheme belong to a root. A target has neither.")
        if self.prefix and not self.prefix.is_absolute():
            raise UsageError(
                f"The prefix '{self.prefix}' is not an absolute path.", fix="Give it as the host has it, such as /usr."
            )

    def layout(self, host: Host) -> Layout:
        """Return where the files of wheels for ``host`` go. Raises InstallError for what cannot be meant."""
        if self.interpreter and (" " in self.interpreter or not self.interpreter.startswith("/")):
            raise InstallError(
                f"{self.interpreter!r} is no interpreter that a script can start.",
                fix="Give the absolute path that the host's Python has there, without arguments.",
            )
        if self.target:
            return Layout.from_target(host, self.target, interpreter=self.interpreter)
        return Layout.from_host(
            host, self.root or Path(), scheme=self.scheme, prefix=self.prefix, interpreter=self.interpreter
        )


@dataclass(frozen=True, kw_only=True)
class InstallOptions:
    """How to install into an image, and what to write down about it."""

    upgrade: bool = False
    """Whether what is asked for is taken in its newest version, though an older one that will do is there."""
    strategy: Literal["only-if-needed", "eager"] = "only-if-needed"
    """Whether an upgrade is also one of what that requires."""
    bytecode: bool = False
    """Whether to make bytecode, with the paths that files have on the host."""
    strip: bool = False
    """Whether to take symbols out of libraries and programs."""
    manifest: Path | None = None
    """The file in which to write what is in the image, file by file."""
    sbom: Path | None = None
    """The file in which to write a bill of materials (CycloneDX)."""
    lock: Path | None = None
    """The lock file to write (PEP 751)."""

    def applied(self, request: Request) -> Request:
        """Return ``request`` with what is to be upgraded."""
        return replace(request, upgrade=self.strategy if self.upgrade else "")


@dataclass(frozen=True, kw_only=True)
class InstallReport:
    """What became of an image."""

    layout: Layout
    """Where files were put."""
    installed: tuple[Installed, ...]
    """What was installed now."""
    missing: tuple[MissingLibrary, ...]
    """What the device will lack, as far as the root and the sysroot tell."""
    knows_libraries: bool = False
    """Whether they tell: one of them has a C library."""

    def raise_for_missing(self) -> None:
        """Raise InstallError if libraries are missing."""
        if self.missing:
            raise InstallError(
                "The packages are installed, but libraries are missing in the image.",
                why="\n".join(map(str, self.missing)),
                fix="Install the packages that provide them into the root.",
            )


def fill_image(
    request: Request,
    place: ImageTarget,
    wishes: InstallOptions,
    *,
    session: Session,
    progress: ProgressReporter,
    fail_fast: bool = False,
) -> InstallReport:
    """Install all that ``request`` comes to into the image at ``place``.

    The image changes as a whole, and not before everything is here. Raises InstallError for what cannot be installed
    together there, and AuditError for a wheel that is refused, and what choosing, fetching and building raise.
    """
    layout, locks = place.layout(session.host()), session.services.cache.locks()
    with locked(layout.root, locks):
        # First of all: what an interrupted change left would count as installed.
        recover(layout.root)
    there, wanted = _present(layout), wishes.applied(request)
    with tempfile.TemporaryDirectory(prefix="crossbuild-wheels-") as directory:
        work = distributions(wanted, session=session, progress=progress, fail_fast=fail_fast, there=there)
        with closing(work) as found:
            delivered = [deliver(one, Path(directory)) for one in found]
        installed: list[Installed] = []
        if delivered:
            count = f"{len(delivered)} packages" if len(delivered) > 1 else delivered[0].name
            with session.reporter.step(f"Install {count} into {place.directory}"):
                installed = _install(delivered, layout, wishes, session=session, directory=Path(directory))
        _write_down(delivered, layout, wishes, session)
    missing = missing_libraries(layout, installed_in(layout), session.host())
    knows = knows_libraries(layout, session.host())
    return InstallReport(layout=layout, installed=tuple(installed), missing=tuple(missing), knows_libraries=knows)


def plan_image(request: Request, place: ImageTarget, wishes: InstallOptions, *, session: Session) -> Plan:
    """Return what :func:`fill_image` would do, as far as that is known without building; the image stays as it is."""
    layout = place.layout(_host_to_lay_out(session))
    return plan_request(wishes.applied(request), session=session, there=_present(layout))


def empty_image(names: Sequence[str], place: ImageTarget, *, session: Session) -> list[Installed]:
    """Remove the projects ``names`` from the image at ``place``, and return what they were.

    Raises InstallError where one is not there, or does not say which files it has; then nothing is removed.
    """
    return uninstall(names, place.layout(session.host()), locks=session.services.cache.locks())


def roll_back_image(root: Path, *, cache: Cache) -> bool:
    """Undo the unfinished change of ``root``; return whether there was one. Raises InstallError."""
    with locked(root, cache.locks()):
        return roll_back(root)


def _present(layout: Layout) -> dict[str, Candidate]:
    """Return what can be imported with ``layout``, by name."""
    return {one.name: Candidate.from_metadata(one.metadata) for one in importable_in(layout) if one.metadata}


def _host_to_lay_out(session: Session) -> Host:
    """Return the host, without measuring: what compilers would tell makes no difference to a layout."""
    described = session.describe().described
    if isinstance(described, Host) or described.build_time_vars is not None:
        return session.host()
    known = vars(session.plan().known_host)
    return Host(**known, build_time_vars={}, headers=Path(), pyconfig="", synthesised=True)


def _install(
    delivered: Sequence[Distribution], layout: Layout, wishes: InstallOptions, *, session: Session, directory: Path
) -> list[Installed]:
    return install(
        delivered,
        layout,
        host=session.host(),
        runner=Runner(log=directory / "log.txt", reporter=session.reporter, running=session.services.running),
        environ=session.services.environ,
        locks=session.services.cache.locks(),
        compile_with=session.plan().build_python.executable if wishes.bytecode else None,
        strip=_strip(session) if wishes.strip else None,
    )


def _strip(session: Session) -> Path:
    plan = session.plan()
    toolchain = session.stages().toolchain(plan, plan.root)
    if toolchain.kind != "zig":
        return session.target().compilers.strip
    # LLVM's is one program for all machines.
    found = shutil.which("llvm-strip", path=session.services.environ.get("PATH", os.defpath))
    if not found:
        raise ToolchainError(
            "zig has no program that strips machine code.",
            fix="Install llvm (its llvm-strip is taken), or give a GNU toolchain for the host: --toolchain PREFIX.",
        )
    return Path(found)


def _write_down(delivered: Sequence[Distribution], layout: Layout, wishes: InstallOptions, session: Session) -> None:
    if wishes.manifest:
        write_text(wishes.manifest, f"{json.dumps(manifest(layout, session.host()), indent=2)}\n")
    if wishes.sbom:
        epoch = source_date_epoch(session.services.environ)
        write_text(wishes.sbom, sbom(layout, session.host(), timestamp=epoch))
    if wishes.lock:
        write_lock(_locked(delivered, layout), wishes.lock, session.host())


def _locked(delivered: Sequence[Distribution], layout: Layout) -> list[Distribution]:
    """Return what is installed, as far as it is known where it is from."""
    known = {one.name: one for one in delivered}
    for one in installed_in(layout):
        if one.name not in known and one.origin and one.metadata:
            known[one.name] = Distribution(
                name=one.name, version=one.metadata.version, wheel=Path(one.origin.filename), origin=one.origin
            )
    return list(known.values())
