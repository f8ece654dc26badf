"""Whether wheels can be built for a host: everything that a build prepares, each part tried for itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.diagnosis.development_files import check_headers, check_sysroot
from crossbuild.diagnosis.finding import Finding, attempt
from crossbuild.errors import BuildPythonError
from crossbuild.host.measured.borrowed import check_lender
from crossbuild.host.model import Host
from crossbuild.interpreter.identity import check_identity
from crossbuild.native.pkgconfig import pkg_config_directories, pkg_config_variables, write_pkg_config
from crossbuild.session.session import Session
from crossbuild.system.processes import Runner
from crossbuild.toolchain.compilers import prepare_compilers
from crossbuild.toolchain.fortran import how_to_get_fortran
from crossbuild.upkeep.limit import keep_to_limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.host.model import PartialHost
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.session.described_target import DescribedTarget
    from crossbuild.session.target import Target
    from crossbuild.toolchain.compilers import Compilers
    from crossbuild.toolchain.model import Toolchain

_AFTER_THE_HOST = (
    "C library",
    "sysroot",
    "headers",
    "build Python",
    "compilers",
    "Fortran",
    "cross Python",
    "pkg-config",
)


def check_host(options: BuildOptions, *, reporter: Reporter, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield how everything is that builds for the host in ``options`` need. Raises no error for what is wrong."""
    started, session = attempt(
        "host",
        lambda: (Session.from_options(options, reporter=reporter, environ=environ), ""),
    )
    if session is None:
        yield started
        yield from (Finding.not_tried(subject, "the host is not known") for subject in _AFTER_THE_HOST)
        return
    yield from _check(session)
    keep_to_limit(session.services.cache, session.options.cache_limit, reporter)


def _check(session: Session) -> Iterator[Finding]:
    read, found = attempt("host", lambda: _describe(session))
    yield read
    if found is None:
        yield from (Finding.not_tried(subject, "the host cannot be read") for subject in _AFTER_THE_HOST)
        return
    described = found.described
    yield from (Finding(subject="host", state="warning", detail=defect) for defect in described.defects)
    yield _check_libc(described)
    # Before the sysroot, which needs no C library with zig. Whether the compilers work is tried further below.
    proven, toolchain = attempt("compilers", lambda: _find_toolchain(session, found))
    yield check_sysroot(described, found.root, brings_libc=toolchain is not None and toolchain.kind == "zig")
    yield check_headers(described)
    chosen, build_python = attempt("build Python", lambda: _find_build_python(session, found))
    yield _compared(chosen, described, build_python) if build_python else chosen
    compilers = None
    if toolchain:
        proven, compilers = _prove(session, toolchain)
    yield proven
    yield _check_fortran(compilers, described)
    reason = "" if compilers and build_python else "no compilers" if build_python else "no build Python"
    yield from _check_cross_python(session, reason)


def _describe(session: Session) -> tuple[DescribedTarget, str]:
    """Return the host and where its libraries are, and what it is in words."""
    description = session.describe()
    return description, _told(description.described)


def _told(described: Host | PartialHost) -> str:
    version = ".".join(map(str, described.python_version)) + described.abi_flags
    suffix = f", {described.ext_suffix}" if described.ext_suffix else ""
    what = f"Python {version} for {described.platform.wheel_tag}{suffix}"
    return what if isinstance(described, Host) else f"{what}; what is not known of it is measured"


def _check_libc(described: Host | PartialHost) -> Finding:
    platform = described.platform
    if platform.libc_version or described.prefix is None:
        promised = "" if platform.libc_version else ", of no particular version"
        return Finding(subject="C library", state="ok", detail=platform.libc_text + promised)
    return Finding(
        subject="C library",
        state="warning",
        detail=f"{platform.libc}, of a version that nothing here tells",
        remedy="Name the host's root, which has it, with --sysroot DIR.",
    )


def _find_build_python(session: Session, description: DescribedTarget) -> tuple[BuildPython, str]:
    found = session.stages().build_python(description)
    return found, f"{found.full_version} ({found.executable})"


def _compared(found: Finding, described: Host | PartialHost, python: BuildPython) -> Finding:
    """Return what was ``found`` of the build Python, with a word on what differs from the host's and may."""
    if described.headers is None and not described.header_texts:
        try:
            check_lender(described, python)
        except BuildPythonError as error:
            return Finding.from_error(found.subject, error)
    recorded = described.python_version[2] if isinstance(described, Host) else described.micro
    same = recorded in (None, python.version[2])
    note = "" if same else f"; the host has {'.'.join(map(str, (*python.version[:2], recorded)))}, which may differ"
    return Finding(subject=found.subject, state="ok", detail=found.detail + note)


def _find_toolchain(session: Session, description: DescribedTarget) -> tuple[Toolchain, str]:
    found = session.stages().toolchain(description, description.root)
    return found, found.version


def _prove(session: Session, toolchain: Toolchain) -> tuple[Finding, Compilers | None]:
    def prove() -> tuple[Compilers, str]:
        # A step of its own, since zig compiles a C++ library first: that takes minutes for a new host.
        with session.reporter.step(f"Test the compilers for {toolchain.platform.gnu_type}"):
            compilers = prepare_compilers(toolchain, session.services.cache)
        return compilers, f"C and C++: {toolchain.version} ({compilers.cc})"

    return attempt("compilers", prove)


def _check_fortran(compilers: Compilers | None, described: Host | PartialHost) -> Finding:
    if compilers is None:
        return Finding.not_tried("Fortran", "no compilers")
    if compilers.fc:
        return Finding(subject="Fortran", state="ok", detail=str(compilers.fc))
    return Finding(subject="Fortran", state="absent", detail="none", remedy=how_to_get_fortran(described.platform))


def _check_cross_python(session: Session, reason: str) -> Iterator[Finding]:
    if reason:
        yield from (Finding.not_tried(subject, reason) for subject in ("cross Python", "pkg-config"))
        return
    made, target = attempt("cross Python", lambda: _make_target(session))
    yield made
    if target is None:
        yield Finding.not_tried("pkg-config", "no cross Python")
        return
    yield attempt("pkg-config", lambda: _ask_pkg_config(target, session))[0]


def _make_target(session: Session) -> tuple[Target, str]:
    target = session.target()
    check_identity(target.cross_python.executable, target.host, environ=None)
    return target, f"answers as {target.host.platform.sysconfig_platform} with {target.host.ext_suffix}"


def _ask_pkg_config(target: Target, session: Session) -> tuple[str, str]:
    """Return the version that pkg-config, as builds have it, says of the host's Python."""
    host, files = target.host, target.cross_python.pkgconfig
    variables = pkg_config_variables(host, files)
    with tempfile.TemporaryDirectory(prefix="crossbuild-") as name:
        directory = Path(name)
        program = write_pkg_config(directory, variables, gnu_type=host.platform.gnu_type, venv=directory)
        runner = Runner(log=directory / "log.txt", reporter=session.reporter)
        question = [str(program), "--modversion", "python3"]
        version = runner.run(question, environ={**session.services.environ, **variables}).strip()
    modules = {file.name for place in pkg_config_directories(host, files) for file in place.glob("*.pc")}
    return version, f"answers for Python {version} and {len(modules)} modules"
