"""What environment markers say on a host.

Source: PEP 508 ("Environment Markers"), with packaging's ``default_environment`` for what it leaves open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossbuild.host.model import Host


def marker_environment(host: Host) -> dict[str, str]:
    """Return the variables of markers as ``host`` has them: its own where it was asked, else those of its Python.

    Of a host that was not asked, the kernel's release and version are not known and empty.
    """
    version = ".".join(map(str, host.python_version))
    known = {
        "implementation_name": "cpython",
        "implementation_version": version,
        "os_name": "posix",
        "platform_machine": host.platform.architecture.name,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": version,
        "python_version": host.version,
        "sys_platform": "linux",
    }
    return known | dict(host.device.markers if host.device else {})
