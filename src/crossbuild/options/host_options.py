"""What a user can say about a host and the builds for it, as values.

Each field is an option of the command line and a key of ``[hosts.NAME]``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossbuild.declarations.option import Heading, Kind, Scope, option, part
from crossbuild.host.host_request import HostRequest
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.toolchain.model import ToolchainRequest

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.options.environment_changes import EnvironmentChange
    from crossbuild.sysroot.names import SysrootName

EMULATE = ("never", "auto", "programs", "python")


@dataclass(frozen=True, kw_only=True)
class HostOptions:
    """A host, and what builds for it take."""

    host: str = field(
        default="",
        metadata=option(
            Kind.HOST,
            "--host",
            heading=Heading.HOST,
            scope=Scope.HOST,
            variable="CROSSBUILD_HOST",
            required=True,
            common=True,
            description="The machine to build for. HOST is a host Python's executable or prefix, a platform tag, a "
            "distribution's release, or a name that the configuration gives to one of these.",
            in_table="A host, as on the command line. A relative path starts at this file's directory.",
        ),
    )
    python: tuple[int, int] | None = field(
        default=None,
        metadata=option(
            Kind.PYTHON,
            "-p",
            "--python",
            "--python-version",
            also="abi_flags",
            heading=Heading.HOST,
            scope=Scope.HOST,
            common=True,
            description="The version of the host's Python. Give it if HOST is a platform tag, or a prefix with "
            "several. The default for a platform tag is the version that runs crossbuild. 3.13t is a free-threaded "
            "Python, 3.13d a debug build.",
        ),
    )
    """The host's Python version, where the host does not say it; default: that of the running Python."""
    host_request: HostRequest = field(default_factory=HostRequest, metadata=part(HostRequest))
    build_python: Path | None = field(
        default=None,
        metadata=option(
            Kind.PROGRAM,
            "--build-python",
            heading=Heading.HOST,
            scope=Scope.HOST,
            description="The Python of this machine to build with; it must have the host's X.Y. Default: the first "
            "found.",
        ),
    )
    sysroot: Path | SysrootName | None = field(
        default=None,
        metadata=option(
            Kind.SYSROOT,
            "--sysroot",
            heading=Heading.LIBRARIES,
            scope=Scope.HOST,
            description="Where the host's headers and libraries are: a directory, or a distribution's release, such "
            "as debian:bookworm:arm64.",
        ),
    )
    sysroot_packages: tuple[str, ...] = field(
        default=(),
        metadata=option(
            Kind.PACKAGES,
            "--sysroot-package",
            adds_up=True,
            heading=Heading.LIBRARIES,
            scope=Scope.HOST,
            common=True,
            description="Add a distribution package (libxml2-dev). It is there for this build only.",
            in_table="Packages of the distribution to add for builds.",
        ),
    )
    sysroot_source: SourceRequest = field(default_factory=SourceRequest, metadata=part(SourceRequest))
    auto_sysroot: bool = field(
        default=False,
        metadata=option(
            Kind.SWITCH,
            "--auto-sysroot",
            heading=Heading.LIBRARIES,
            scope=Scope.ENVIRONMENT,
            common=True,
            description="Add packages for missing libraries. If a build fails because libraries are missing, their "
            "packages are added, and it is built again.",
        ),
    )
    toolchain: ToolchainRequest = field(default_factory=ToolchainRequest, metadata=part(ToolchainRequest))
    environment_changes: tuple[EnvironmentChange, ...] = field(
        default=(),
        metadata=option(
            Kind.CHANGES,
            "--env",
            key="env",
            adds_up=True,
            scope=Scope.ENVIRONMENT,
            description="Change the environment of the build, after all that crossbuild sets: NAME=VALUE; NAME?=VALUE "
            "unless it is set; NAME+=VALUE appends; NAME:=VALUE appends after a colon, as to PATH.",
            in_table="Changes to the environment of builds, after all that crossbuild sets; those of the command line "
            "are made after them.",
        ),
    )
    emulate: str = field(
        default="auto",
        metadata=option(
            Kind.CHOICE,
            "--emulate",
            choices=EMULATE,
            scope=Scope.BUILD,
            variable="CROSSBUILD_EMULATE",
            description="What of a build an emulator runs: nothing (never), the programs that it makes for the host "
            "(programs), or its Python code as well, in the host's Python (python). auto, the default, does what the "
            "build turns out to need, if an emulator is on PATH or in the cache. programs and python download one.",
        ),
    )
    """``never``, ``auto``, ``programs`` or ``python``."""
    runner: str = field(
        default="",
        metadata=option(
            Kind.TEXT,
            "--runner",
            heading=Heading.TESTS,
            scope=Scope.WHEELS,
            metavar="RUNNER",
            description="How to run the host's Python for tests: a command to put before it, ssh://USER@HOST, "
            "docker://IMAGE or podman://IMAGE. Default: directly if this machine can, else by qemu-user, which is "
            "downloaded if it is not on PATH. With ssh://, the host also runs what builds make for it (--emulate).",
        ),
    )
