"""The environment of one build: a build venv, a cross venv over the same site-packages, and what hooks may see.

The build venv's Python is never lied to: it installs what the build needs to run here. The cross venv's Python runs the
hooks.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crossbuild.errors import RequirementsError
from crossbuild.interpreter.venv import make_cross_venv
from crossbuild.native import cmake, meson, pkgconfig
from crossbuild.native.configscripts import config_scripts
from crossbuild.native.programs import write_build_compilers, write_host_programs
from crossbuild.processes import CommandFailedError, tail
from crossbuild.toolchain.linkable import LIBRARIES_VARIABLE
from crossbuild.toolchain.record import RECORD_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crossbuild.cross import Cross
    from crossbuild.processes import Runner

# These would make a Python, a compiler or a build tool look at the build machine, or at another Python's files.
_NOT_FOR_HOOKS = frozenset(
    (
        *("PYTHONHOME", "PYTHONPATH", "PYTHONPLATLIBDIR", "PYTHONEXECUTABLE", "PYTHONUSERBASE", "ARCHFLAGS"),
        *("CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX"),
        *("PKG_CONFIG_PATH", "CMAKE_PREFIX_PATH", "CMAKE_TOOLCHAIN_FILE", "VIRTUAL_ENV", "LD_RUN_PATH"),
    )
)


_MESON_FILE, _MESON_PROGRAMS_FILE = "meson-cross.ini", "meson-programs.ini"
_INTO = ("pip", "install", "--quiet", "--python")


@dataclass(frozen=True, kw_only=True)
class BuildVenv:
    """A plain venv of the build Python, filled by uv or pip."""

    directory: Path
    installer: Literal["uv", "pip"]
    runner: Runner
    environ: Mapping[str, str]
    """For the installer: the user's own environment with the index settings."""

    @property
    def bin(self) -> Path:
        """Where its scripts are."""
        return self.directory / "bin"

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.bin / "python"

    @property
    def site_packages(self) -> Path:
        """Its (only) site-packages directory."""
        return next(self.directory.glob("lib/python*/site-packages"))

    def create(self, base_python: Path) -> None:
        """Make it, as a venv of ``base_python``."""
        command = [_uv(), "venv", "--quiet", "--no-project", "--python", str(base_python), str(self.directory)]
        self._run(command, "a virtual environment")
        if self.installer == "pip":
            self._run([_uv(), *_INTO, str(self.python), "pip"], "pip")

    def install(self, requirements: Iterable[str], constraints: Iterable[Path]) -> None:
        """Install ``requirements`` for the build machine. Raises RequirementsError with the installer's words."""
        wanted = sorted(requirements)
        if not wanted:
            return
        limits = [word for file in constraints for word in ("--constraint", str(file.absolute()))]
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command = pip if self.installer == "pip" else [_uv(), *_INTO, str(self.python)]
        self._run([*command, *limits, *wanted], ", ".join(wanted))

    def _run(self, command: list[str], what: str) -> None:
        try:
            self.runner.run(command, environ=_without_python(self.environ), cwd=self.directory.parent)
        except CommandFailedError as error:
            raise RequirementsError(
                f"{self.installer} could not install what the build needs: {what}.",
                why=tail(error.output),
                fix="Check the index settings and --build-constraint.",
            ) from None


@dataclass(frozen=True, kw_only=True)
class PlainEnvironment:
    """What hooks that concern no machine run in, such as build_sdist; satisfies ``build.env.IsolatedEnv``."""

    python: Path
    environ: Mapping[str, str]

    @classmethod
    def from_venv(cls, venv: BuildVenv, environ: Mapping[str, str]) -> PlainEnvironment:
        """Use ``venv``, as if it were activated in ``environ``."""
        variables = _without_python(environ)
        path = f"{venv.bin}{os.pathsep}{environ.get('PATH', os.defpath)}"
        return cls(python=venv.python, environ={**variables, "PATH": path, "VIRTUAL_ENV": str(venv.directory)})

    @property
    def python_executable(self) -> str:
        """The Python that runs the hooks."""
        return str(self.python)

    def make_extra_environ(self) -> dict[str, str]:
        """Return the whole environment of the hooks."""
        return dict(self.environ)


@dataclass(frozen=True, kw_only=True)
class CrossEnvironment:
    """What hooks run in; satisfies ``build.env.IsolatedEnv``."""

    python: Path
    """The cross venv's Python."""
    environ: Mapping[str, str]
    """The whole environment of the hooks."""
    native: Path
    """The directory of the files for native tools."""
    record: Path
    """The directory of the compile record."""

    @property
    def meson_cross_files(self) -> tuple[Path, ...]:
        """What Meson is to read, in this order."""
        return (self.native / _MESON_FILE, self.native / _MESON_PROGRAMS_FILE)

    def write_meson_programs(self, venv: BuildVenv) -> None:
        """Let Meson find those programs of the build requirements that say how to compile against them."""
        text = meson.programs_file(config_scripts(venv.bin))
        (self.native / _MESON_PROGRAMS_FILE).write_text(text, encoding="utf-8")

    @property
    def python_executable(self) -> str:
        """The Python that runs the hooks."""
        return str(self.python)

    def make_extra_environ(self) -> dict[str, str]:
        """Return the whole environment of the hooks."""
        return dict(self.environ)


def make_cross_environment(
    directory: Path,
    *,
    cross: Cross,
    venv: BuildVenv,
    jobs: int,
    environ: Mapping[str, str],
    extra: Mapping[str, str],
) -> CrossEnvironment:
    """Make the cross venv over ``venv`` and write what native tools read, all below ``directory``.

    ``extra`` are variables that the hooks see whatever else stands in ``environ`` or is said here.
    """
    python = make_cross_venv(
        directory / "cross-venv", cross_python=cross.cross_python, site_packages=venv.site_packages
    )
    for name in ("native", "bin", "host-bin", "libraries", "record", "scratch", "tmp"):
        (directory / name).mkdir()
    path = environ.get("PATH", os.defpath)
    pkg_config_variables = pkgconfig.pkg_config_variables(cross.host, cross.cross_python.pkgconfig)
    pkg_config = pkgconfig.write_pkg_config(
        directory / "bin", pkg_config_variables, gnu_type=cross.host.platform.gnu_type
    )
    scripts = write_host_programs(directory, cross.host, path=path, python=venv.python)
    native = _write_native_files(
        directory / "native", cross=cross, python=python, pkg_config=pkg_config, config_scripts=scripts
    )
    # The build requirements' own programs come before the sysroot's of the same name, such as pybind11-config.
    own_bins = (python.parent, directory / "bin", cross.compilers.directory, venv.bin, directory / "host-bin")
    build_compilers = write_build_compilers(directory / "bin", path, cross.compilers.directory)
    variables = {
        **{name: value for name, value in environ.items() if not _is_foreign(name)},
        **_compiler_variables(cross),
        **build_compilers,
        **pkg_config_variables,
        "PKG_CONFIG": str(pkg_config),
        "PATH": os.pathsep.join(map(str, (*own_bins, path))),
        "VIRTUAL_ENV": str(directory / "cross-venv"),
        "BUILD_PYTHON": str(venv.python),
        "TMPDIR": str(directory / "tmp"),
        "CMAKE_TOOLCHAIN_FILE": str(native / "toolchain.cmake"),
        "CMAKE_BUILD_PARALLEL_LEVEL": str(jobs),
        "MAKEFLAGS": f"-j{jobs}",
        LIBRARIES_VARIABLE: str(directory / "libraries"),
        RECORD_VARIABLE: str(directory / "record"),
        "CROSSBUILD_SCRATCH": str(directory / "scratch"),
        **extra,
    }
    return CrossEnvironment(python=python, environ=variables, native=native, record=directory / "record")


def _without_python(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without what makes a Python look at another Python's files."""
    return {name: value for name, value in environ.items() if not name.startswith(("PYTHON", "_PYTHON_"))}


def _is_foreign(name: str) -> bool:
    return name in _NOT_FOR_HOOKS or name.startswith(("_PYTHON_", "PIP_", "UV_"))


def _write_native_files(
    native: Path, *, cross: Cross, python: Path, pkg_config: Path, config_scripts: tuple[Path, ...]
) -> Path:
    host, compilers = cross.host, cross.compilers
    cross_file = meson.cross_file(
        host,
        compilers,
        python=python,
        pkg_config=pkg_config,
        libdirs=pkgconfig.pkg_config_directories(host, cross.cross_python.pkgconfig),
        config_scripts=config_scripts,
    )
    # The directory of the build holds its sources, and what was installed for it.
    find_roots = (cross.cross_python.prefix, *((host.sysroot,) if host.sysroot else ()), native.parent)
    provider = native / "findpython.cmake"
    toolchain = cmake.toolchain_file(host, compilers, find_roots=find_roots, provider=provider, pkg_config=pkg_config)
    (native / _MESON_FILE).write_text(cross_file, encoding="utf-8")
    (native / "toolchain.cmake").write_text(toolchain, encoding="utf-8")
    provider.write_text(cmake.provider_file(), encoding="utf-8")
    return native


def _compiler_variables(cross: Cross) -> dict[str, str]:
    compilers = cross.compilers
    variables = {"CC": compilers.cc, "CXX": compilers.cxx, "AR": compilers.ar}
    variables |= {"RANLIB": compilers.ranlib, "STRIP": compilers.strip}
    if compilers.fc:
        variables |= {"FC": compilers.fc, "F77": compilers.fc, "F90": compilers.fc}
    return {name: str(path) for name, path in variables.items()}


def _uv() -> str:
    from uv import find_uv_bin

    return find_uv_bin()
