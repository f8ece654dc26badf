"""The environment of one build: a cross venv over the build venv's site-packages, and what hooks may see."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.backend_shim.patches import PIP_VARIABLE, SETTINGS_VARIABLE
from crossbuild.emulation.host_venv import make_host_venv
from crossbuild.emulation.level import NO_EMULATION
from crossbuild.interpreter.cross_venv import link_python_config, make_cross_venv
from crossbuild.native import cmake, meson, pkgconfig
from crossbuild.native.autotools import write_site_file
from crossbuild.native.cargo import cargo_variables, write_cargo, write_rustc
from crossbuild.native.configscripts import config_scripts
from crossbuild.native.cross_path import lent_compilers, write_build_compilers, write_host_programs, write_stand_ins
from crossbuild.native.host_runner import runner_variables, write_host_runner
from crossbuild.native.jobserver import parallel_variables, write_make
from crossbuild.native.missing_tools import write_missing_tools
from crossbuild.native.pip_program import write_pip
from crossbuild.native.uname import write_machine_programs
from crossbuild.options.environment_changes import changed
from crossbuild.system.source_date import source_date_epoch
from crossbuild.toolchain.compile_record import RECORD_VARIABLE
from crossbuild.toolchain.compilers import BUILD_VARIABLE, OVERRIDDEN, PREFIX_VARIABLE
from crossbuild.toolchain.linkable import LIBRARIES_VARIABLE
from crossbuild.wheels.prefix_install import site_packages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crossbuild.building.build_venv import BuildVenv
    from crossbuild.emulation.level import Emulation
    from crossbuild.native.build_layout import BuildDirectory
    from crossbuild.native.jobserver import Jobserver
    from crossbuild.options.environment_changes import EnvironmentChange
    from crossbuild.options.passed_variables import Passed
    from crossbuild.session.target import Target

DEFAULTS = {"SOURCE_DATE_EPOCH": "1580601600"}
"""Where the user says nothing: the time of what is made, so that the same sources give the same bytes (hatchling's)."""

_MESON_FILE, _MESON_PROGRAMS_FILE, _MESON_BUILD_FILE = "meson-cross.ini", "meson-programs.ini", "meson-native.ini"


@dataclass(frozen=True, kw_only=True)
class CrossEnvironment:
    """What hooks run in; satisfies ``build.env.IsolatedEnv``."""

    python: Path
    """The cross venv's Python."""
    environ: Mapping[str, str]
    """The whole environment of the hooks."""
    own: Mapping[str, str]
    """What of it is not the user's, ``PATH`` aside."""
    path: tuple[Path, ...]
    """The directories before the user's ``PATH``."""

    @property
    def python_executable(self) -> str:
        """The Python that runs the hooks."""
        return str(self.python)

    def make_extra_environ(self) -> dict[str, str]:
        """Return the whole environment of the hooks."""
        return dict(self.environ)


def make_cross_environment(
    build: BuildDirectory,
    *,
    target: Target,
    venv: BuildVenv,
    jobs: int,
    passed: Passed,
    extra: Mapping[str, str],
    changes: Iterable[EnvironmentChange],
    jobserver: Jobserver | None,
    emulation: Emulation = NO_EMULATION,
) -> CrossEnvironment:
    """Make the cross venv over ``venv`` and write what native tools read, all in the directory of ``build``.

    At most ``jobs`` compilers run at once, or as many as ``jobserver`` lets. ``emulation`` says what of the host runs
    here. Hooks see the user's variables that are ``passed``. ``extra`` overrides everything that is set here, and
    ``changes`` come last.
    """
    environ = passed.host
    emulator = emulation.emulator
    python = _make_venv(build, target, venv, emulation)
    build.make()
    # The build requirements' own programs come before the sysroot's of the same name, such as pybind11-config.
    own_bins = (
        *(build.cross_venv / "bin", build.bin, target.compilers.directory),
        *(build.fetchers, venv.bin, build.host_bin),
    )
    runner = write_host_runner(build.bin, emulator) if emulator else None
    own = _own_variables(
        build, python=python, target=target, venv=venv, environ=environ, jobs=jobs, jobserver=jobserver, runner=runner
    )
    own |= emulator.variables if emulator else {}
    # The user's variables count more than defaults, and less than what a build for the host cannot do without.
    variables = {
        **DEFAULTS,
        **environ,
        **own,
        "PATH": os.pathsep.join(map(str, (*own_bins, environ.get("PATH", os.defpath)))),
    }
    # A hook's PYTHON* variables (-E) and the modules in its working directory (-P) are not for crossbuild's own Python.
    fetch = (sys.executable, "-E", "-P", "-m", "crossbuild", "build-fetch", "--build-dir", str(build.path), "--")
    pip = write_pip(build.fetchers, fetch, version=target.host.version, hooks=variables, native=venv.installer_environ)
    own |= {PIP_VARIABLE: str(pip), **extra}
    whole = changed({**variables, **own}, changes)
    source_date_epoch(whole)  # raises if it is not a time: in a hook, each backend would fail in its own way
    return CrossEnvironment(python=python, environ=whole, own=own, path=own_bins)


def _make_venv(build: BuildDirectory, target: Target, venv: BuildVenv, emulation: Emulation) -> Path:
    """Make the venv that runs the hooks; return its Python."""
    cross_python, host = target.cross_python, target.host
    if emulation.python is None:
        return make_cross_venv(build.cross_venv, cross_python=cross_python, site_packages=venv.site_packages)
    python = make_host_venv(
        build.cross_venv,
        emulation.python,
        site_packages=site_packages(build.host_site, host),
        recorded=cross_python.config_vars,
        before=emulation.before_python,
    )
    link_python_config(python.parent, cross_python.executable)
    return python


def _own_variables(
    build: BuildDirectory,
    *,
    python: Path,
    target: Target,
    venv: BuildVenv,
    environ: Mapping[str, str],
    jobs: int,
    jobserver: Jobserver | None,
    runner: Path | None,
) -> dict[str, str]:
    """Write what tools read, and return the variables that are not the user's.

    ``runner`` starts the host's programs, if they can be.
    """
    machine_files = [f"--cross-file={build.native / name}" for name in (_MESON_FILE, _MESON_PROGRAMS_FILE)]
    machine_files.append(f"--native-file={build.native / _MESON_BUILD_FILE}")
    meson.write_meson(build, machine_files)
    if jobserver:
        write_make(build.bin, path=environ.get("PATH", os.defpath))
    return {
        **_compiler_variables(target, environ),
        **_native_variables(build, python=python, target=target, venv=venv, environ=environ, runner=runner),
        **_place_variables(build, venv),
        PREFIX_VARIABLE: str(target.cross_python.prefix),
        **venv.fetching,
        **parallel_variables(jobs, jobserver),
        SETTINGS_VARIABLE: meson.build_settings(machine_files, None if jobserver else jobs),
    }


def _place_variables(build: BuildDirectory, venv: BuildVenv) -> dict[str, str]:
    return {
        # In isolation uv would install the host's wheels of what is to run here.
        "UV_NO_BUILD_ISOLATION": "1",
        "VIRTUAL_ENV": str(build.cross_venv),
        "BUILD_PYTHON": str(venv.python),
        "TMPDIR": str(build.temporary),
        LIBRARIES_VARIABLE: str(build.libraries),
        RECORD_VARIABLE: str(build.record),
        BUILD_VARIABLE: str(build.path),
        "CROSSBUILD_SCRATCH": str(build.scratch),
    }


def write_meson_programs(venv: BuildVenv) -> None:
    """Let Meson find those programs of the build requirements that say how to compile against them."""
    file = venv.build.native / _MESON_PROGRAMS_FILE
    file.write_text(meson.programs_file(config_scripts(venv.bin)), encoding="utf-8")


def _native_variables(
    build: BuildDirectory,
    *,
    python: Path,
    target: Target,
    venv: BuildVenv,
    environ: Mapping[str, str],
    runner: Path | None,
) -> dict[str, str]:
    """Write what the tools of native code read, and return the variables that lead them there."""
    host, native, path = target.host, build.native, environ.get("PATH", os.defpath)
    pkg_config_variables = pkgconfig.pkg_config_variables(host, target.cross_python.pkgconfig)
    pkg_config = pkgconfig.write_pkg_config(
        build.bin, pkg_config_variables, gnu_type=host.platform.gnu_type, venv=venv.directory
    )
    scripts = write_host_programs(build, host, path=path, python=venv.python)
    write_machine_programs(build.host_bin, host, path=path, python=target.cross_python.executable)
    write_missing_tools(build.host_bin, target.toolchain, target.compilers.directory, path=path)
    _write_native_files(
        build, target=target, python=python, pkg_config=pkg_config, config_scripts=scripts, runner=runner
    )
    downloads = venv.downloads
    build_compilers = write_build_compilers(build.bin, path, stand_ins=target.stand_ins, downloads=downloads)
    write_stand_ins(build.stand_ins, path, stand_ins=target.stand_ins, downloads=downloads)
    meson.write_build_machine_file(native / _MESON_BUILD_FILE, build.bin, lent_compilers(build_compilers, path))
    return {
        **build_compilers,
        **pkg_config_variables,
        **write_site_file(
            native,
            gnu_type=host.platform.gnu_type,
            compilers=target.compilers.directory,
            can_run=runner is not None,
            environ=environ,
        ),
        **(runner_variables(runner, host) if runner else {}),
        **_write_cargo(build.bin, target=target, build_compilers=build_compilers, environ=environ),
        "PKG_CONFIG": str(pkg_config),
        "CMAKE_TOOLCHAIN_FILE": str(native / "toolchain.cmake"),
    }


def _write_cargo(
    directory: Path, *, target: Target, build_compilers: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    write_cargo(directory, environ.get("PATH", os.defpath))
    return write_rustc(directory, environ) | cargo_variables(
        directory,
        host=target.host,
        compilers=target.compilers.by_name,
        build_compilers=build_compilers,
        stdlib=target.cross_python.stdlib,
        machine=target.build_python.platform.removeprefix("linux-"),
        environ=environ,
    )


def _write_native_files(
    build: BuildDirectory,
    *,
    target: Target,
    python: Path,
    pkg_config: Path,
    config_scripts: tuple[Path, ...],
    runner: Path | None,
) -> None:
    host, compilers, native = target.host, target.compilers, build.native
    toolchain_file = native / "toolchain.cmake"
    cross_file = meson.cross_file(
        host,
        compilers.by_name,
        python=python,
        pkg_config=pkg_config,
        libdirs=pkgconfig.pkg_config_directories(host, target.cross_python.pkgconfig),
        cmake_toolchain=toolchain_file,
        config_scripts=config_scripts,
        runner=runner,
    )
    # The directory of the build holds its sources, and what was installed for it.
    standard = cmake.write_standard_libraries(native / "libc", supplied=target.toolchain.kind == "zig")
    find_roots = (target.cross_python.prefix, *((host.sysroot,) if host.sysroot else ()), build.path, standard)
    provider = native / "findpython.cmake"
    toolchain = cmake.toolchain_file(
        host, compilers, find_roots=find_roots, provider=provider, pkg_config=pkg_config, runner=runner
    )
    (native / _MESON_FILE).write_text(cross_file, encoding="utf-8")
    # Meson refuses a machine file that is missing. This one is written when build requirements are installed.
    (native / _MESON_PROGRAMS_FILE).touch()
    toolchain_file.write_text(toolchain, encoding="utf-8")
    provider.write_text(cmake.provider_file(), encoding="utf-8")


def _compiler_variables(target: Target, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for the host's compilers and tools, and for those that the user's ``environ`` names."""
    gnu_type = target.host.platform.gnu_type
    overridden = {name: f"{gnu_type}-{name.lower()}" for name in OVERRIDDEN if name in environ}
    return overridden | target.compilers.by_name.variables()
