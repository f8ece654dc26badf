"""The compilers as real files on the cross PATH, under every name that a build may call them by.

Many packages cannot take a ``CC`` of two words, and build tools without a cross file take ``cc`` and ``c++`` from
PATH: so there are files under the GNU names of the host and under the bare ones. What they do is in compiler.sh.
"""

from __future__ import annotations

import shlex
import subprocess
import sysconfig
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.cache import digest
from crossbuild.toolchain.proof import prove

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.cache import Cache
    from crossbuild.toolchain.model import Toolchain

# zig's linker refuses the first two; they only tune symbol binding and visibility. For the third zig compiles its C and
# C++ libraries once more, which takes minutes and gives nothing to them.
_IGNORED_BY_ZIG = ("-Wl,-Bsymbolic-functions", "-Wl,--exclude-libs", "-flto")


@dataclass(frozen=True, kw_only=True)
class Compilers:
    """A directory of executables that compile for the host, proven to do so."""

    directory: Path
    cc: Path
    cxx: Path
    ar: Path
    ranlib: Path
    strip: Path
    fc: Path | None = None

    def predefined_macros(self) -> dict[str, str]:
        """Return the C compiler's predefined macros and their values."""
        command = [str(self.cc), "-dM", "-E", "-x", "c", "/dev/null"]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        definitions = (line.split(" ", 2) for line in answer.splitlines() if line.startswith("#define "))
        return {name: value for _, name, *rest in definitions for value in [rest[0] if rest else ""]}


def prepare_compilers(toolchain: Toolchain, cache: Cache) -> Compilers:
    """Write the files of ``toolchain`` into the cache and prove them, unless that was done before.

    Raises ToolchainError if they do not compile and link C and C++ for the toolchain's platform.
    """
    body = files("crossbuild.toolchain").joinpath("compiler.sh").read_text(encoding="utf-8")
    key = digest(_identity(toolchain), body)
    directory = cache.path("compilers", key)

    def make(scratch: Path) -> None:
        _write_files(toolchain, scratch, body, caches=cache.root)
        compilers = _compilers(toolchain, scratch)
        prove(toolchain, cc=compilers.cc, cxx=compilers.cxx)

    cache.entry("compilers", key, make)
    return _compilers(toolchain, directory)


def _identity(toolchain: Toolchain) -> list[object]:
    program = Path(toolchain.cc[0]).stat()
    return [str(toolchain), program.st_size, program.st_mtime_ns]


def _compilers(toolchain: Toolchain, directory: Path) -> Compilers:
    prefix = f"{directory}/{toolchain.platform.gnu_type}-"
    return Compilers(
        directory=directory,
        cc=Path(prefix + "gcc"),
        cxx=Path(prefix + "g++"),
        ar=Path(prefix + "ar"),
        ranlib=Path(prefix + "ranlib"),
        strip=Path(prefix + "strip"),
        fc=Path(prefix + "gfortran") if toolchain.fc else None,
    )


def _write_files(toolchain: Toolchain, directory: Path, body: str, *, caches: Path) -> None:
    for tool, names, command in _tools(toolchain):
        text = _header(toolchain, tool, command, caches) + body
        for name in names:
            for file_name in (name, f"{toolchain.platform.gnu_type}-{name}"):
                file = directory / file_name
                file.write_text(text, encoding="utf-8")
                file.chmod(0o755)


def _tools(toolchain: Toolchain) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    clang = toolchain.kind == "zig"
    yield "cc", ("gcc", "cc", *(["clang"] if clang else [])), toolchain.cc
    yield "cxx", ("g++", "c++", *(["clang++"] if clang else [])), toolchain.cxx
    yield "cpp", ("cpp",), (*toolchain.cc, "-E")
    yield "ar", ("ar", "gcc-ar"), toolchain.ar
    yield "ranlib", ("ranlib", "gcc-ranlib"), toolchain.ranlib
    yield "strip", ("strip",), toolchain.strip
    optional = {
        "nm": (("nm", "gcc-nm"), toolchain.nm),
        "ld": (("ld",), toolchain.ld),
        "fc": (("gfortran",), toolchain.fc),
        "build-cc": (("build-cc",), toolchain.build_cc),
        "build-cxx": (("build-c++",), toolchain.build_cxx),
    }
    for tool, (names, command) in optional.items():
        if command:
            yield tool, names, command


def _header(toolchain: Toolchain, tool: str, command: tuple[str, ...], caches: Path) -> str:
    zig = toolchain.kind == "zig"
    answers = {"-dumpmachine": toolchain.platform.gnu_type, "-print-multiarch": toolchain.platform.multiarch}
    cases = "".join(f"{question}) echo {answer} ;; " for question, answer in answers.items())
    # zig keeps what it compiled of libc in its global cache, which all builds share; what a build compiles would
    # pile up there too, so it goes with the build.
    zig_caches = (
        f"export ZIG_GLOBAL_CACHE_DIR={shlex.quote(str(caches / 'zig'))}\n"
        'export ZIG_LOCAL_CACHE_DIR="${CROSSBUILD_SCRATCH:-$ZIG_GLOBAL_CACHE_DIR}"\n'
    )
    return (
        "#!/bin/sh\n"
        f"tool={tool}\n"
        f"foreign={shlex.quote(' '.join(_build_machine_directories()))}\n"
        f"ignored={shlex.quote(' '.join(_IGNORED_BY_ZIG if zig else ()))}\n"
        f"answer() {{ {f'case $1 in {cases}esac' if zig and not tool.startswith('build') else 'return 1'}; }}\n"
        f"{zig_caches if zig else ''}"
        f'run() {{ {shlex.join(command)} "$@"; }}\n'
    )


def _build_machine_directories() -> list[str]:
    """Return where this machine keeps headers and libraries, by the FHS and Debian's multiarch."""
    places = [f"/usr/{kind}" for kind in ("include", "lib", "lib64", "local/include", "local/lib")] + ["/lib", "/lib64"]
    multiarch = sysconfig.get_config_var("MULTIARCH")
    return places + ([f"{place}/{multiarch}" for place in places] if multiarch else [])
