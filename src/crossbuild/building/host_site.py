"""The host's copies of the build requirements of a project, for hooks that run in the host's Python.

The same versions are in a venv of this machine. Its programs come first on the PATH of hooks, and take the place of the
host's, so that only Python code is emulated.
"""

from __future__ import annotations

from importlib.metadata import distributions
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from crossbuild.errors import RequirementsError, SourceError
from crossbuild.platforms.programs import is_program
from crossbuild.wheels.prefix_install import install_wheel, site_packages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.building.build_venv import BuildVenv
    from crossbuild.building.overlay.provide import HostWheels
    from crossbuild.host.model import Host
    from crossbuild.wheels.distribution import Distribution


def install_for_python(venv: BuildVenv, prefix: Path, *, host: Host, wheels: HostWheels) -> list[Distribution]:
    """Install below ``prefix`` the host's copies of all that is in ``venv`` and not there yet, from ``wheels``.

    Returns them. Raises RequirementsError if there is none of the version, and what ``wheels`` raises.
    """
    site = site_packages(prefix, host)
    there = set(_installed(site))
    wanted = [one for one in _installed(venv.site_packages) if one not in there]
    added = [_find(name, version, host, wheels) for name, version in wanted]
    for one in added:
        install_wheel(one.wheel, prefix, host=host)
    for program in filter(is_program, sorted(site.rglob("*"))):
        _put_own(program, venv.site_packages / program.relative_to(site))
    return added


def _installed(directory: Path) -> Iterator[tuple[str, str]]:
    for one in distributions(path=[str(directory)]):
        yield canonicalize_name(one.name), one.version


def _find(name: str, version: str, host: Host, wheels: HostWheels) -> Distribution:
    try:
        found = wheels(Requirement(f"{name}=={version}"), may_build=True)
    except SourceError as error:
        raise _missing(name, version, host, str(error)) from None
    if found is None:
        raise _missing(name, version, host, "")
    return found


def _missing(name: str, version: str, host: Host, why: str) -> RequirementsError:
    return RequirementsError(
        f"There is no {name} {version} for {host.platform.wheel_tag}, whose Python builds the project and requires it.",
        why=why,
        fix="Constrain the build to a version that has an sdist, or a wheel for the host: --build-constraint FILE with "
        f"the line {name}==VERSION.",
    )


def _put_own(program: Path, own: Path) -> None:
    """Let ``program`` be this machine's ``own``, if there is one."""
    if own.is_file():
        program.unlink()
        program.symlink_to(own)
