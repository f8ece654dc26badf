"""Install wheels below a prefix of the host's, in the places that its own installers use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.destinations import SchemeDictionaryDestination
from packaging.utils import parse_wheel_filename

from crossbuild.errors import RequirementsError
from crossbuild.wheels.tags import installable_tags
from crossbuild.wheels.wheel_installer import project_of, put_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host


def install_wheel(wheel: Path, prefix: Path, *, host: Host) -> None:
    """Install ``wheel`` below ``prefix``, by the scheme ``posix_prefix`` of sysconfig; scripts start the host's Python.

    Raises RequirementsError for a wheel that the host does not take, or that would write anywhere else.
    """
    if not parse_wheel_filename(wheel.name)[3].intersection(installable_tags(host)):
        raise RequirementsError(
            f"{wheel.name} is not for {host.platform.wheel_tag} and Python {host.version}{host.abi_flags}.",
            fix="Give a wheel that is, or its source.",
        )
    destination = SchemeDictionaryDestination(
        _scheme(prefix, project_of(wheel), host),
        interpreter=host_interpreter(host),
        script_kind="posix",
        overwrite_existing=True,
    )
    put_wheel(wheel, destination, metadata={}, error=RequirementsError)


def site_packages(prefix: Path, host: Host) -> Path:
    """Return where the packages of ``host`` are below ``prefix``."""
    return prefix / "lib" / f"python{host.version}{_threading(host)}" / "site-packages"


def installed_records(prefix: Path) -> list[Path]:
    """Return the RECORD of each project that is installed below ``prefix``: it has the hash of each of its files."""
    return sorted(prefix.glob("lib/python*/site-packages/*.dist-info/RECORD"))


def host_interpreter(host: Host) -> str:
    """Return the path of the host's Python on the host, as far as it is known."""
    known = None if host.synthesised else host.build_time_vars.get("BINDIR")
    return f"{known or '/usr/bin'}/python{host.version}{_threading(host)}"


def _threading(host: Host) -> str:
    # Free-threaded Pythons have directories and programs of their own, such as python3.13t. Debug builds share theirs.
    return "t" if "t" in host.abi_flags else ""


def _scheme(prefix: Path, name: str, host: Host) -> dict[str, str]:
    packages = site_packages(prefix, host)
    return {
        "purelib": str(packages),
        "platlib": str(packages),
        "headers": str(prefix / "include" / f"python{host.version}{host.abi_flags}" / name),
        "scripts": str(prefix / "bin"),
        "data": str(prefix),
    }
