"""pkg-config: answers from the host's sysroot only, never from the build machine.

Source: pkg-config(1) for the variables. PKG_CONFIG_LIBDIR replaces the built-in search path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host


def pkg_config_directories(host: Host, python_files: Path) -> tuple[Path, ...]:
    """Return where ``.pc`` files are: ``python_files`` (the cross Python's own) and the sysroot's places."""
    if host.sysroot is None:
        return (python_files,)
    multiarch = host.build_time_vars.get("MULTIARCH") or host.platform.multiarch
    places = (f"usr/lib/{multiarch}/pkgconfig", "usr/lib/pkgconfig", "usr/lib64/pkgconfig", "usr/share/pkgconfig")
    return (python_files, *(place for name in places if (place := host.sysroot / name).is_dir()))


def pkg_config_variables(host: Host, python_files: Path) -> dict[str, str]:
    """Return the environment that makes any pkg-config answer for ``host``."""
    variables = {
        "PKG_CONFIG_LIBDIR": ":".join(map(str, pkg_config_directories(host, python_files))),
        "PKG_CONFIG_PATH": "",
        "PKG_CONFIG_ALLOW_CROSS": "1",
    }
    if host.sysroot:
        variables["PKG_CONFIG_SYSROOT_DIR"] = str(host.sysroot)
    return variables
