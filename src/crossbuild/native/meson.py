"""Meson: a cross file, and how Meson and meson-python are handed it.

Sources: Meson's reference "Machine files", "Cross compilation" and "CMake module"; NumPy's building documentation for
``longdouble_format``, a property that projects read because they cannot run a program to find out.
"""

from __future__ import annotations

import json
import shlex
from importlib.resources import files
from typing import TYPE_CHECKING

from crossbuild.system.filesystem import write_script

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.native.build_layout import BuildDirectory
    from crossbuild.toolchain.compilers import Compilers

_LONG_DOUBLE_FORMATS = {
    ("53", "8"): "IEEE_DOUBLE",
    ("64", "12"): "INTEL_EXTENDED_12_BYTES",
    ("64", "16"): "INTEL_EXTENDED_16_BYTES",
    ("106", "16"): "IBM_DOUBLE_DOUBLE",
    ("113", "16"): "IEEE_QUAD",
}
"""By the compiler's words for the bits of its mantissa, and for its bytes."""
_BINUTILS = ("nm", "objcopy", "objdump", "readelf", "size", "strings")


def cross_file(
    host: Host,
    compilers: Compilers,
    *,
    python: Path,
    pkg_config: Path,
    libdirs: Iterable[Path],
    cmake_toolchain: Path,
    config_scripts: Iterable[Path],
    runner: Path | None = None,
) -> str:
    """Return the text of a cross file. ``python`` is the cross Python, ``pkg_config`` answers for the host.

    ``libdirs`` are the directories of ``.pc`` files, ``cmake_toolchain`` is CMake's toolchain file. ``config_scripts``
    answer for the host, too: Meson takes none from PATH when it cross-compiles. ``runner`` starts the host's programs.
    The compilers' predefined macros decide the long double format.
    """
    architecture = host.platform.architecture
    binaries = {
        "c": compilers.cc,
        "cpp": compilers.cxx,
        "ar": compilers.ar,
        "ranlib": compilers.ranlib,
        "strip": compilers.strip,
        **{name: compilers.binutils[name] for name in _BINUTILS if name in compilers.binutils},
        "fortran": compilers.fc,
        "python": python,
        "pkg-config": pkg_config,
        # The one on PATH: Meson looks for no CMake that the cross file does not name.
        "cmake": "cmake",
        **{script.name: script for script in config_scripts},
        "exe_wrapper": runner,
    }
    long_double = long_double_format(compilers.predefined_macros(), architecture.endian)
    properties: dict[str, object] = {
        # Otherwise Meson runs programs for a host of this machine's CPU family, whose C library may be another.
        "needs_exe_wrapper": True,
        **({"longdouble_format": long_double} if long_double else {}),
        "pkg_config_libdir": [str(directory) for directory in libdirs],
        "cmake_toolchain_file": str(cmake_toolchain),
        **({"sys_root": str(host.sysroot)} if host.sysroot else {}),
    }
    family, cpu, endian = architecture.meson_family, architecture.name, architecture.endian
    return (
        _section("binaries", {name: str(path) for name, path in binaries.items() if path})
        + _section("properties", properties)
        + _section("host_machine", {"system": "linux", "cpu_family": family, "cpu": cpu, "endian": endian})
        # Meson makes this of sys_root. The compilers know their sysroot, and zig takes the option in another sense.
        + _section("cmake", {"CMAKE_SYSROOT": ""})
    )


def programs_file(programs: Iterable[Path]) -> str:
    """Return the text of a cross file that lets Meson run ``programs`` by their names."""
    return _section("binaries", {program.name: str(program) for program in programs})


def long_double_format(macros: Mapping[str, str], endian: str) -> str:
    """Return the format of ``long double`` in NumPy's words, ``IEEE_QUAD_LE``, from a compiler's predefined macros.

    It is empty where these do not tell: then projects that need it say so.
    """
    kind = (macros.get("__LDBL_MANT_DIG__", ""), macros.get("__SIZEOF_LONG_DOUBLE__", ""))
    known = _LONG_DOUBLE_FORMATS.get(kind)
    return f"{known}_{'LE' if endian == 'little' else 'BE'}" if known else ""


def write_build_machine_file(file: Path, directory: Path, lent: Mapping[str, Path]) -> None:
    """Write the native file ``file``, which gives Meson the compilers ``lent``, by language, if a project needs them.

    Meson tries the compilers for the build machine in every project. The programs that it finds in ``directory`` spare
    it that, and the download of what they stand for.
    """
    body = files("crossbuild.native").joinpath("meson-build.sh").read_text(encoding="utf-8")
    programs: dict[str, object] = {}
    for language, compiler in lent.items():
        program = write_script(directory / f"meson-{compiler.name}", f"compiler={shlex.quote(str(compiler))}\n{body}")
        programs[language] = str(program)
    file.write_text(_section("binaries", programs), encoding="utf-8")


def write_meson(build: BuildDirectory, machine_files: Iterable[str]) -> None:
    """Write ``meson`` into the ``bin`` of ``build``: the next on the PATH, told of ``machine_files``.

    These are options of ``meson setup``.
    """
    options = shlex.join(machine_files)
    head = f'directory={shlex.quote(str(build.path))}\nsetup_for_host() {{ exec "$real" setup {options} "$@" ; }}\n'
    body = files("crossbuild.native").joinpath("meson.sh").read_text(encoding="utf-8")
    write_script(build.bin / "meson", f"{head}{body}")


def build_settings(machine_files: Iterable[str], jobs: int | None) -> str:
    """Return what the cross Python adds to the config settings of meson-python, as its shim's ``mesonpy`` reads it.

    ``machine_files`` are options of ``meson setup``. ``jobs``: None where ninja is told otherwise how many there may
    be.
    """
    return json.dumps({"setup-args": list(machine_files), "compile-args": [f"-j{jobs}"] if jobs else []})


def _section(name: str, entries: Mapping[str, object]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in entries.items()]
    return "\n".join([f"[{name}]", *lines, "", ""])


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    escaped = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
