"""Build correctly tagged, verified Python wheels for a machine other than the one you are on.

What ``__all__`` names is the library: these names and their meanings follow Semantic Versioning.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # typing would cost the backend shim more than all else that it imports
if TYPE_CHECKING:
    from crossbuild.api import build_wheel, check_wheel, load_host
    from crossbuild.errors import (
        AuditError,
        BackendError,
        BuildPythonError,
        CommandError,
        CrossbuildError,
        HostError,
        InstallError,
        NetworkError,
        RequirementsError,
        SourceError,
        SysrootError,
        ToolchainError,
        UsageError,
    )
    from crossbuild.host.host_request import HostRequest
    from crossbuild.host.model import Host
    from crossbuild.options.build_options import BuildOptions, IndexOptions
    from crossbuild.options.configuration import Configuration
    from crossbuild.options.environment_changes import EnvironmentChange
    from crossbuild.reporting import Reporter, SilentReporter
    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.names import SysrootName
    from crossbuild.toolchain.model import ToolchainRequest
    from crossbuild.wheels.audit import WheelReport
    from crossbuild.wheels.distribution import BuiltWheel

__version__ = "0.1.0"

__all__ = [
    "AuditError",
    "BackendError",
    "BuildOptions",
    "BuildPythonError",
    "BuiltWheel",
    "CommandError",
    "Configuration",
    "CrossbuildError",
    "EnvironmentChange",
    "Host",
    "HostError",
    "HostRequest",
    "IndexOptions",
    "InstallError",
    "NetworkError",
    "Reporter",
    "RequirementsError",
    "SilentReporter",
    "SourceError",
    "SourceRequest",
    "SysrootError",
    "SysrootName",
    "ToolchainError",
    "ToolchainRequest",
    "UsageError",
    "WheelReport",
    "__version__",
    "build_wheel",
    "check_wheel",
    "load_host",
]

_HOMES = {
    "BuildOptions": "options.build_options",
    "BuiltWheel": "wheels.distribution",
    "Configuration": "options.configuration",
    "EnvironmentChange": "options.environment_changes",
    "Host": "host.model",
    "HostRequest": "host.host_request",
    "IndexOptions": "options.build_options",
    "Reporter": "reporting",
    "SilentReporter": "reporting",
    "SourceRequest": "sysroot.apt_sources",
    "SysrootName": "sysroot.names",
    "ToolchainRequest": "toolchain.model",
    "WheelReport": "wheels.audit",
    "build_wheel": "api",
    "check_wheel": "api",
    "load_host": "api",
}
"""The modules of these names, imported when first asked for; all others are errors."""


if not TYPE_CHECKING:  # or any name would do for type checkers

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
