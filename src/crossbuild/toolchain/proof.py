"""The proof that a toolchain compiles for its platform: shared objects and their ELF headers. Nothing is run."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import ToolchainError
from crossbuild.platforms.elf import read_elf
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from crossbuild.toolchain.model import Toolchain

# Each calls atoi(), so that the C library becomes one of the libraries needed, which tells glibc from musl.
_C = "#include <stdlib.h>\nint proof(const char *text) { return atoi(text); }\n"
_CXX = """#include <stdexcept>
#include <string>
extern "C" int proof(const char *text) {
    try { return std::stoi(std::string(text)); } catch (const std::exception &) { return -1; }
}
"""
_CXX_ALONE = """#include <stdlib.h>
template <typename Text> static int number(Text text) { return atoi(text); }
extern "C" int proof(const char *text) { return number(text); }
"""
"""Without the C++ library: zig compiles its own for each host on first use, which takes minutes, and many builds never
need it. It comes with zig, so whether it is there need not be proven."""
_FORTRAN = """integer(4) function proof(text) bind(c)
  interface
    integer(4) function atoi(text) bind(c)
      character(1) :: text(*)
    end function
  end interface
  character(1) :: text(*)
  write (*, *) atoi(text)
  proof = atoi(text)
end function
"""
_LANGUAGES = {".c": "C", ".cpp": "C++", ".f90": "Fortran"}


def prove(toolchain: Toolchain, *, cc: Path, cxx: Path, fc: Path | None) -> None:
    """Compile and link a C, a C++ and a Fortran shared object and compare their headers to the platform.

    ``cc``, ``cxx`` and, if there is one, ``fc`` are the compilers.

    Raises ToolchainError naming what was expected and what came out.
    """
    with tempfile.TemporaryDirectory(prefix="crossbuild-proof-") as directory:
        # At once: for a new platform, zig compiles parts of the C library first.
        with ThreadPoolExecutor() as pool:
            cpp = (_CXX_ALONE, "-nostdlib++") if toolchain.kind == "zig" else (_CXX,)
            sources = [(cc, "proof.c", _C), (cxx, "proof.cpp", *cpp), *([(fc, "proof.f90", _FORTRAN)] if fc else [])]
            results = [pool.submit(_link, Path(directory), *source) for source in sources]
        for result in results:
            _check(result.result(), toolchain)


def _link(directory: Path, compiler: Path, name: str, text: str, *options: str) -> Path:
    source = directory / name
    source.write_text(text, encoding="utf-8")
    output = source.with_suffix(f"{source.suffix}.so")
    command = [str(compiler), "-O2", "-fPIC", "-shared", *options, str(source), "-o", str(output)]
    done = run_program(command, cwd=directory)
    if done.returncode or not (output.is_file() and output.read_bytes().startswith(b"\x7fELF")):
        raise ToolchainError(
            f"The {_LANGUAGES[source.suffix]} compiler {compiler.name} cannot compile and link a small shared object.",
            why=(done.stderr or done.stdout).strip()[-2000:] or "It says nothing, and makes no ELF file.",
            fix="Install the host's development files for this language, or use --toolchain zig.",
        )
    return output


def _check(file: Path, toolchain: Toolchain) -> None:
    platform = toolchain.platform
    elf = read_elf(file.name, file.read_bytes())
    # glibc's soname is libc.so.6 on every machine that crossbuild knows.
    made = (elf.machine, elf.bits, elf.little_endian, "glibc" if "libc.so.6" in elf.needed else "musl")
    architecture = platform.architecture
    wanted = (architecture.elf_machine, architecture.bits, architecture.little_endian, platform.libc)
    if made == wanted and elf.arm_version > architecture.arm_version:
        raise ToolchainError(
            f"{' '.join(toolchain.cc)} does not compile for {architecture.name}.",
            why=f"That is ARMv{architecture.arm_version}; a test object is ARMv{elf.arm_version}. (Debian's and "
            "Ubuntu's arm-linux-gnueabihf-gcc, with what it links in, is for ARMv7.)",
            fix=f"Use --toolchain zig, or a compiler made for ARMv{architecture.arm_version}.",
        )
    if made != wanted:
        raise ToolchainError(
            f"{' '.join(toolchain.cc)} does not compile for {platform.gnu_type}.",
            why=f"Expected {_words(wanted)}; a test object is {_words(made)}.",
            fix="Name the right compiler with --cc, its prefix with --toolchain, or use --toolchain zig.",
        )


def _words(facts: tuple[str, int, bool, str]) -> str:
    machine, bits, little_endian, libc = facts
    endian = "little" if little_endian else "big"
    return f"{machine.removeprefix('EM_')}, {bits}-bit, {endian}-endian, {libc}"
