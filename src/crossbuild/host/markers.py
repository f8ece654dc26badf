"""What environment markers say on a host.

Source: PEP 508 ("Environment Markers"), with packaging's ``default_environment`` for what it leaves open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossbuild.host.model import KnownHost


def marker_environment(host: KnownHost) -> dict[str, str]:
    """Return the variables of markers as ``host`` has them: its own where it was asked, else those of its Python."""
    known = python_markers(python=host.python_version, machine=host.platform.architecture.name)
    return known | dict(host.device.markers if host.device else {})


def python_markers(*, python: tuple[int, int, int], machine: str) -> dict[str, str]:
    """Return the variables of markers as CPython ``python`` says them on a Linux ``machine`` (``uname -m``'s name).

    The kernel's release and version are those of no machine in particular, and empty.
    """
    version = ".".join(map(str, python))
    return {
        "implementation_name": "cpython",
        "implementation_version": version,
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": version,
        "python_version": ".".join(map(str, python[:2])),
        "sys_platform": "linux",
    }
