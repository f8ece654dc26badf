"""pkg-config: answers from the host's sysroot and the build requirements only, never from the build machine.

The program is pkgconf from PyPI: so a build machine needs none of its own, and what it has is never asked.
Sources: pkgconf(1) for the variables (PKG_CONFIG_LIBDIR replaces the built-in search path; SYSTEM paths are compared
with the sysroot put before them), and its libpkgconf/audit.c for the lines of PKG_CONFIG_LOG.
"""

from __future__ import annotations

import re
import shlex
from importlib.resources import files
from typing import TYPE_CHECKING

from crossbuild.errors import ToolchainError
from crossbuild.platforms.system_directories import header_directories, library_directories, library_names
from crossbuild.system.filesystem import write_script
from crossbuild.system.rooted_paths import directories_in
from crossbuild.toolchain.compilers import FROM_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crossbuild.host.model import Host

_LOGGED = re.compile(r"^(?P<module>\S+) (?:.* )?(?P<answer>NOT-FOUND|\[.*\])$", re.MULTILINE)
_OTHER_VERSION = re.compile(r"^Package '[^']+' has version .*$", re.MULTILINE)


def pkg_config_directories(host: Host, python_files: Path) -> tuple[Path, ...]:
    """Return where ``.pc`` files are: ``python_files`` (the cross Python's own) and the sysroot's places."""
    names = (*library_names(host.platform), "share")
    places = (f"{prefix}/{name}/pkgconfig" for prefix in ("/usr/local", "/usr") for name in names)
    return (python_files, *(directories_in(host.sysroot, places) if host.sysroot else ()))


def pkg_config_variables(host: Host, python_files: Path) -> dict[str, str]:
    """Return the environment that makes any pkg-config answer for ``host``."""
    variables = {
        "PKG_CONFIG_LIBDIR": _joined(pkg_config_directories(host, python_files)),
        "PKG_CONFIG_PATH": "",  # it would be searched before LIBDIR, and the user's is for this machine
        "PKG_CONFIG_ALLOW_CROSS": "1",  # without it, the crate pkg-config refuses to ask when it cross-compiles
    }
    if host.sysroot:
        # What the compilers search anyway is left out of answers, as it is on the host itself.
        variables |= {
            "PKG_CONFIG_SYSROOT_DIR": str(host.sysroot),
            "PKG_CONFIG_SYSTEM_INCLUDE_PATH": _joined(_named(host.sysroot, header_directories(host.platform))),
            "PKG_CONFIG_SYSTEM_LIBRARY_PATH": _joined(_named(host.sysroot, library_directories(host.platform))),
        }
    return variables


def write_pkg_config(directory: Path, variables: dict[str, str], *, gnu_type: str, venv: Path) -> Path:
    """Write ``pkg-config`` into ``directory`` under every name that builds use, and return it.

    ``variables`` are those of :func:`pkg_config_variables`. What is installed in ``venv`` when it is asked comes before
    the sysroot. Raises ToolchainError if there is no pkgconf to run.
    """
    # Only defaults: a project may well set the variables for one call.
    defaults = (f'[ -n "${{{name}+set}}" ] || export {name}={shlex.quote(value)}' for name, value in variables.items())
    body = files("crossbuild.native").joinpath("pkg-config.sh").read_text(encoding="utf-8")
    known = (f"real={shlex.quote(_program())}", f"venv={shlex.quote(str(venv))}", f"back={FROM_ROOT}")
    text = "\n".join([*known, *defaults, body])
    for prefix in ("", f"{gnu_type}-"):
        for name in ("pkg-config", "pkgconf"):
            write_script(directory / f"{prefix}{name}", text)
    return directory / "pkg-config"


def read_pkg_config_misses(record: Path) -> tuple[str, ...]:
    """Return the modules that were asked for and never found, be it by another module; the first asked for is first."""
    missed: dict[str, None] = {}
    found: set[str] = set()
    for log in _logs(record):
        for line in _LOGGED.finditer(log):
            if line["answer"] == "NOT-FOUND":
                missed.setdefault(line["module"])
            else:
                found.add(line["module"])
    return tuple(module for module in missed if module not in found)


def read_pkg_config_other_versions(record: Path) -> tuple[str, ...]:
    """Return what pkgconf said of modules that are there, but not in a version that was asked for.

    A sentence each: ``Package 'zlib' has version '1.2.13', required version is '>= 9'``.
    """
    return tuple(dict.fromkeys(sentence for log in _logs(record) for sentence in _OTHER_VERSION.findall(log)))


def _logs(record: Path) -> Iterator[str]:
    for log in sorted(record.glob("pkg-config-*"), key=lambda log: log.stat().st_mtime_ns):
        yield log.read_text(encoding="utf-8", errors="replace")


def _named(sysroot: Path, directories: tuple[str, ...]) -> Iterator[Path]:
    """Yield ``directories`` as answers call them: pkgconf compares names, and follows no links."""
    return (sysroot / directory.lstrip("/") for directory in directories)


def _joined(directories: Iterable[Path]) -> str:
    return ":".join(map(str, directories))


def _program() -> str:
    from pkgconf import get_executable

    try:
        return str(get_executable())
    except RuntimeError as error:
        raise ToolchainError(
            "There is no program to answer for pkg-config.",
            why=f"The pkgconf package is installed without its program: {error}",
            fix="Install it again: pip install --force-reinstall pkgconf",
        ) from None
