"""What a toolchain's compiler, headers and libc are like: measured by compiling and linking, with nothing run.

The values are read from the bytes of the object file, so the machine they are for does not matter.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import ToolchainError
from crossbuild.host.measured.probes import (
    DOUBLE,
    SYMBOL,
    double_probe,
    function,
    link_source,
    probe,
    prologue,
    stub_probe,
)
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from crossbuild.host.measured.probes import Probe
    from crossbuild.host.reading.pyconfig import Macro
    from crossbuild.platforms.platform import Architecture

_MOST_ROUNDS = 8
"""How often what cannot be compiled or linked is left out before giving up; two rounds are usual."""

_LIBRARIES = ("m", "pthread", "dl", "util", "rt", "crypt")
"""Where a libc may keep functions: older glibc has them apart. What is not there is left out."""


def measure(macros: Sequence[Macro], *, cc: Path, architecture: Architecture) -> dict[str, str | None]:
    """Return the values, None for undefined, of those ``macros`` of a ``pyconfig.h`` that depend on the machine.

    ``cc`` is the compiler. Raises ToolchainError if it does not compile, or not for ``architecture``.
    """
    functions = {macro.name: name for macro in macros if (name := function(macro))}
    with tempfile.TemporaryDirectory(prefix="crossbuild-measure-") as directory:
        compiler = _Compiler(program=cc, directory=Path(directory))
        constants = _constants(_compile(compiler, _probes(macros, functions), list(prologue(macros))), architecture)
        linked = _link(compiler, sorted(set(functions.values())))
    values = {macro.name: _value(macro, constants.get(macro.name)) for macro in macros if probe(macro)}
    for macro, name in functions.items():
        values[macro] = "1" if name in linked and not _number(constants.get(f"stub_{name}")) else None
    return values | _byte_order(constants[DOUBLE])


@dataclass(frozen=True, kw_only=True)
class _Compiler:
    program: Path
    directory: Path

    def run(self, *arguments: str) -> str | None:
        """Return what the compiler has against its input, or None if nothing."""
        # The errors are parsed, so they have to be in English. env(1) sets just that, and leaves the compiler its PATH.
        command = ["env", "LC_ALL=C", str(self.program), "-w", *arguments]
        done = run_program(command, cwd=self.directory)
        return done.stdout + done.stderr if done.returncode else None

    def failed(self, output: str) -> ToolchainError:
        return ToolchainError(
            f"The compiler {self.program} cannot compile what measures the host.",
            why=output.strip()[-2000:],
            fix="Install the host's C development files, or use --toolchain zig.",
        )


def _probes(macros: Sequence[Macro], functions: Mapping[str, str]) -> list[Probe]:
    asked = [question for macro in macros if (question := probe(macro))]
    return [*asked, *(stub_probe(name) for name in sorted(set(functions.values()))), double_probe()]


def _compile(compiler: _Compiler, probes: list[Probe], lines: list[str]) -> Path:
    """Return an object file with the constants of those ``probes`` that compile."""
    source, output = compiler.directory / "probes.c", compiler.directory / "probes.o"
    for _ in range(_MOST_ROUNDS):
        text, owners = list(lines), {}
        for one in probes:
            owners.update(dict.fromkeys(range(len(text) + 1, len(text) + len(one.lines) + 1), one.macro))
            text += one.lines
        source.write_text("\n".join([*text, ""]), encoding="utf-8")
        # All errors at once: clang stops after twenty (it takes gcc's name of the option).
        errors = compiler.run("-fmax-errors=0", "-O0", "-c", source.name, "-o", output.name)
        if errors is None:
            return output
        at = re.findall(rf"^(?:\S*/)?{source.name}:(\d+):(?:\d+:)? (?:fatal )?error:", errors, flags=re.MULTILINE)
        wrong = {owners.get(int(line)) for line in at} - {None, DOUBLE}
        if not wrong:
            raise compiler.failed(errors)
        probes = [one for one in probes if one.macro not in wrong]
    raise compiler.failed("There is no end of errors.")


def _constants(file: Path, architecture: Architecture) -> dict[str, bytes]:
    """Return the bytes of each constant, most significant byte first except for the double's."""
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    constants = {}
    with file.open("rb") as stream:
        elf = ELFFile(stream)
        made = (elf["e_machine"], elf.elfclass, elf.little_endian)
        if made != (architecture.elf_machine, architecture.bits, architecture.little_endian):
            raise ToolchainError(
                f"The toolchain does not compile for {architecture.name}.",
                why=f"It compiles for {made[0]}, {made[1]}-bit.",
            )
        table = elf.get_section_by_name(".symtab")
        for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
            if symbol.name.startswith(SYMBOL):
                name, start = symbol.name.removeprefix(SYMBOL), symbol["st_value"]
                data = elf.get_section(symbol["st_shndx"]).data()[start : start + 8]
                constants[name] = data if name == DOUBLE or not elf.little_endian else data[::-1]
    return constants


def _link(compiler: _Compiler, names: Collection[str]) -> set[str]:
    """Return those functions among ``names`` that the host's libc has to link against."""
    source, left = compiler.directory / "functions.c", set(names)
    libraries = list(_LIBRARIES)
    for _ in range(_MOST_ROUNDS):
        # All in one program, where configure links one for each function: there are hundreds.
        source.write_text(link_source(sorted(left)), encoding="utf-8")
        errors = compiler.run("-fPIC", source.name, "-o", "functions", *(f"-l{name}" for name in libraries))
        if errors is None:
            return left
        missing = left & set(re.findall(r"undefined (?:symbol|reference)\W+(?:to\W+)?(\w+)", errors))
        absent = set(re.findall(r"(?:cannot|unable to) find \D*?(?:-l|\")(\w+)", errors)) & set(libraries)
        if not missing | absent:
            raise compiler.failed(errors)
        left -= missing
        libraries = [name for name in libraries if name not in absent]
    raise compiler.failed("There is no end of missing functions.")


def _number(constant: bytes | None) -> int:
    return int.from_bytes(constant or b"", "big")


def _value(macro: Macro, constant: bytes | None) -> str | None:
    number = _number(constant)
    if re.search(r"as computed by sizeof|normal alignment of", macro.comment):
        return str(number) if number else macro.value
    # AC_CHECK_DECLS defines its macros in either case.
    if macro.comment.endswith("and to 0 if you don't."):
        return macro.value and str(int(number > 0))
    return "1" if number else None


def _byte_order(double: bytes) -> dict[str, str | None]:
    big = double == bytes(range(7, -1, -1))
    return {
        "DOUBLE_IS_BIG_ENDIAN_IEEE754": "1" if big else None,
        "DOUBLE_IS_LITTLE_ENDIAN_IEEE754": "1" if double == bytes(range(8)) else None,
        "FLOAT_WORDS_BIGENDIAN": "1" if big else None,
        "WORDS_BIGENDIAN": "1" if big else None,
    }
