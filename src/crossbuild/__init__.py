"""Build correctly tagged, verified Python wheels for a machine other than the one you are on.

What ``__all__`` names is the library: these names and their meanings follow Semantic Versioning.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # typing would cost the backend shim more than all else that it imports
if TYPE_CHECKING:
    from crossbuild.api.cache_calls import Cache
    from crossbuild.api.host_calls import capture_host, load_host
    from crossbuild.api.image_calls import install, plan_install, rollback, uninstall
    from crossbuild.api.sysroot_calls import Sysroots
    from crossbuild.api.wheel_calls import (
        build_wheel,
        build_wheels,
        check_wheel,
        make_wheelhouse,
        plan_wheels,
        rebuild_wheel,
        repair_wheel,
        sdist_to_wheel,
        test_wheel,
    )
    from crossbuild.errors import (
        AuditError,
        BackendError,
        BuildPythonError,
        CommandError,
        CrossbuildError,
        HostError,
        InstallError,
        NetworkError,
        NotReproducibleError,
        RequirementsError,
        SourceError,
        SysrootError,
        ToolchainError,
        UsageError,
        WheelTestError,
    )
    from crossbuild.host.device import Device
    from crossbuild.host.host_request import HostRequest
    from crossbuild.host.model import Host
    from crossbuild.image.fill import ImageTarget, InstallOptions, InstallReport
    from crossbuild.image.installed import Installed
    from crossbuild.image.missing_libraries import MissingLibrary
    from crossbuild.image.wheel_layout import Layout
    from crossbuild.options.build_options import BuildOptions, IndexOptions
    from crossbuild.options.configuration import Configuration, NamedHost, PackageSettings
    from crossbuild.options.environment_changes import EnvironmentChange
    from crossbuild.options.repair_options import RepairOptions
    from crossbuild.options.wheel_tests import WheelTests
    from crossbuild.platforms.platform import Architecture, Platform
    from crossbuild.reporting import OutcomeReporter, ProgressReporter, Reporter, SilentReporter, StepProgressReporter
    from crossbuild.requirements.request import Request
    from crossbuild.sysroot.apt import SysrootPackage
    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.model import Sysroot
    from crossbuild.sysroot.names import SysrootName
    from crossbuild.terminal.terminal_reporter import TerminalReporter
    from crossbuild.testing.tester import WheelTestReport
    from crossbuild.toolchain.model import ToolchainRequest
    from crossbuild.upkeep.removal import CacheEntry, CacheRemoval
    from crossbuild.upkeep.survey import CacheInfo, CacheKind, CachePlace
    from crossbuild.wheelhouse.dry_run import Plan, PlannedPackage
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.bundled import BundledLibrary
    from crossbuild.wheels.distribution import BuiltWheel, Origin
    from crossbuild.wheels.findings import WheelFinding
    from crossbuild.wheels.host_libraries import HostLibrary
    from crossbuild.wheels.rules import Rule

__version__ = "0.1.0"

__all__ = [
    "Architecture",
    "AuditError",
    "BackendError",
    "BuildOptions",
    "BuildPythonError",
    "BuiltWheel",
    "BundledLibrary",
    "Cache",
    "CacheEntry",
    "CacheInfo",
    "CacheKind",
    "CachePlace",
    "CacheRemoval",
    "CommandError",
    "Configuration",
    "CrossbuildError",
    "Device",
    "EnvironmentChange",
    "Host",
    "HostError",
    "HostLibrary",
    "HostRequest",
    "ImageTarget",
    "IndexOptions",
    "InstallError",
    "InstallOptions",
    "InstallReport",
    "Installed",
    "Layout",
    "MissingLibrary",
    "NamedHost",
    "NetworkError",
    "NotReproducibleError",
    "Origin",
    "OutcomeReporter",
    "PackageSettings",
    "Plan",
    "PlannedPackage",
    "Platform",
    "ProgressReporter",
    "RepairOptions",
    "Reporter",
    "Request",
    "RequirementsError",
    "Rule",
    "SilentReporter",
    "SourceError",
    "SourceRequest",
    "StepProgressReporter",
    "Sysroot",
    "SysrootError",
    "SysrootName",
    "SysrootPackage",
    "Sysroots",
    "TerminalReporter",
    "ToolchainError",
    "ToolchainRequest",
    "UsageError",
    "WheelFinding",
    "WheelReport",
    "WheelTestError",
    "WheelTestReport",
    "WheelTests",
    "__version__",
    "build_wheel",
    "build_wheels",
    "capture_host",
    "check_wheel",
    "install",
    "load_host",
    "make_wheelhouse",
    "plan_install",
    "plan_wheels",
    "rebuild_wheel",
    "repair_wheel",
    "rollback",
    "sdist_to_wheel",
    "test_wheel",
    "uninstall",
]

_HOMES = {
    "Architecture": "platforms.platform",
    "BuildOptions": "options.build_options",
    "BuiltWheel": "wheels.distribution",
    "BundledLibrary": "wheels.bundled",
    "Cache": "api.cache_calls",
    "CacheEntry": "upkeep.removal",
    "CacheInfo": "upkeep.survey",
    "CacheKind": "upkeep.survey",
    "CachePlace": "upkeep.survey",
    "CacheRemoval": "upkeep.removal",
    "Configuration": "options.configuration",
    "Device": "host.device",
    "EnvironmentChange": "options.environment_changes",
    "Host": "host.model",
    "HostLibrary": "wheels.host_libraries",
    "HostRequest": "host.host_request",
    "ImageTarget": "image.fill",
    "IndexOptions": "options.build_options",
    "InstallOptions": "image.fill",
    "InstallReport": "image.fill",
    "Installed": "image.installed",
    "Layout": "image.wheel_layout",
    "MissingLibrary": "image.missing_libraries",
    "NamedHost": "options.configuration",
    "Origin": "wheels.distribution",
    "OutcomeReporter": "reporting",
    "PackageSettings": "options.configuration",
    "Plan": "wheelhouse.dry_run",
    "PlannedPackage": "wheelhouse.dry_run",
    "Platform": "platforms.platform",
    "ProgressReporter": "reporting",
    "RepairOptions": "options.repair_options",
    "Reporter": "reporting",
    "Request": "requirements.request",
    "Rule": "wheels.rules",
    "SilentReporter": "reporting",
    "SourceRequest": "sysroot.apt_sources",
    "StepProgressReporter": "reporting",
    "Sysroot": "sysroot.model",
    "SysrootName": "sysroot.names",
    "SysrootPackage": "sysroot.apt",
    "Sysroots": "api.sysroot_calls",
    "TerminalReporter": "terminal.terminal_reporter",
    "ToolchainRequest": "toolchain.model",
    "WheelFinding": "wheels.findings",
    "WheelReport": "wheels.audit",
    "WheelTestReport": "testing.tester",
    "WheelTests": "options.wheel_tests",
    "build_wheel": "api.wheel_calls",
    "build_wheels": "api.wheel_calls",
    "capture_host": "api.host_calls",
    "check_wheel": "api.wheel_calls",
    "install": "api.image_calls",
    "load_host": "api.host_calls",
    "make_wheelhouse": "api.wheel_calls",
    "plan_install": "api.image_calls",
    "plan_wheels": "api.wheel_calls",
    "rebuild_wheel": "api.wheel_calls",
    "repair_wheel": "api.wheel_calls",
    "rollback": "api.image_calls",
    "sdist_to_wheel": "api.wheel_calls",
    "test_wheel": "api.wheel_calls",
    "uninstall": "api.image_calls",
}
"""The modules of these names, imported when first asked for; all others are errors."""


if not TYPE_CHECKING:  # or any name would do for type checkers

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
