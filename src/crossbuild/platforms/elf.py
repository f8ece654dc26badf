"""What an ELF file says of itself: its machine, its C library, what it needs. Nothing is loaded or run.

Sources: those of :mod:`crossbuild.platforms.elf_image`, the ELF ABIs of Arm (``e_flags``, "Build Attributes") and
LoongArch (``e_flags``), and ar(5) for static libraries.
"""

from __future__ import annotations

import struct
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.platforms.content import stream_of
from crossbuild.platforms.elf_image import DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_SONAME, ElfImage
from crossbuild.platforms.platform import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from elftools.elf.elffile import ELFFile

    from crossbuild.platforms.content import Content
    from crossbuild.platforms.elf_image import Symbol
    from crossbuild.platforms.platform import Architecture, FloatAbi

ELF_MAGIC = b"\x7fELF"
ARCHIVE_MAGIC = b"!<arch>\n"
THIN_ARCHIVE_MAGIC = b"!<thin>\n"

_EF_ARM_ABI_FLOAT_SOFT = 0x200
_EF_ARM_ABI_FLOAT_HARD = 0x400
_VFP_ARGS: dict[int, FloatAbi] = {0: "soft", 1: "hard"}
_LOONGARCH_FLOAT_ABI: dict[int, FloatAbi] = {1: "soft", 2: "single", 3: "hard"}
_CPU_ARCH = {1: 4, 2: 4, 3: 5, 4: 5, 5: 5, 6: 6, 7: 6, 8: 7, 9: 6, 10: 7, 14: 7, 22: 7}
"""Arm's architectures by ``Tag_CPU_arch``. Of ARMv6, 8 is the one that has ARMv7's Thumb-2; the newest two are ARMv8
and 9, whose 32-bit systems have no name of their own."""
_USUAL_FLOAT_ABI: dict[str, FloatAbi] = {"EM_ARM": "hard", "EM_LOONGARCH": "hard"}
_SOFT_FLOAT_LOADERS = ("ld-linux.so.3", "ld-musl-arm.so.1")
"""The loaders of 32-bit Arm systems with the soft-float calling convention."""
_NEWEST_ARM = 7
_VERSION_INDEX = 0x7FFF
"""The rest of an entry of ``.gnu.version`` says that other files are not to be linked against that version."""
_ALLOC = 0x2
"""``SHF_ALLOC``: the section is in memory at run time."""
_KINDS = {0: "ET_NONE", 1: "ET_REL", 2: "ET_EXEC", 3: "ET_DYN", 4: "ET_CORE"}
_EM_ARM, _EM_LOONGARCH = 40, 258
_INIT_PREFIXES = ("PyInit_", "PyInitU_", "PyModExport_", "PyModExportU_")


@dataclass(frozen=True, kw_only=True)
class VersionNeed:
    """A symbol version that a library must offer."""

    library: str
    """The soname that is to offer it: ``libc.so.6``."""
    version: str
    """``GLIBC_2.38``."""
    symbols: tuple[str, ...]
    """The symbols that need it, sorted."""


@dataclass(frozen=True, kw_only=True)
class ElfFile:
    """The facts of one ELF file."""

    name: str
    """Where it is, for messages; a member of a static library has its own name in parentheses behind."""
    bits: int
    little_endian: bool
    machine: str
    """pyelftools' name of ``e_machine``, such as ``EM_ARM``."""
    kind: str
    """``e_type``: ``ET_DYN``, ``ET_EXEC``, ``ET_REL``."""
    float_abi: FloatAbi = ""
    """How floating-point arguments are passed on 32-bit Arm and LoongArch; empty where the file does not say."""
    arm_version: int = 0
    """Of which 32-bit Arm architecture it holds instructions, 6 for ARMv6, 7 for all later; 0 where it does not say.

    LLVM's linker says it of the first of the objects that it links, GNU's of the newest.
    """
    interpreter: str = ""
    """The program interpreter of an executable."""
    soname: str = ""
    needed: tuple[str, ...] = ()
    rpath: tuple[str, ...] = ()
    """The directories of RPATH, which the loader ignores if there is a RUNPATH."""
    runpath: tuple[str, ...] = ()
    """The directories of RUNPATH."""
    version_needs: tuple[VersionNeed, ...] = ()
    version_definitions: frozenset[str] = frozenset()
    """The symbol versions that it offers itself: ``GLIBC_2.17`` and on, of a glibc."""
    undefined: frozenset[str] = frozenset()
    """The dynamic symbols that other libraries must define."""
    weak: frozenset[str] = frozenset()
    """Those of the undefined symbols that it does without where no library defines them."""
    exported: frozenset[str] = frozenset()
    """The symbols that it defines for other files."""
    is_program: bool = False
    """Whether it is marked as a program though its type is that of shared objects."""
    is_loadable: bool = False
    """Whether the loader finds something to load in it, and a dynamic section."""
    is_whole: bool = True
    """Whether all that is to be loaded is there."""
    executable_stack: bool = False
    """Whether it asks for a stack whose contents can be executed."""
    text_relocations: bool = False
    """Whether the loader has to change its code."""

    @property
    def modules(self) -> frozenset[str]:
        """The extension modules whose initialisation functions it exports."""
        return frozenset(module for symbol in self.exported if (module := _module(symbol)))

    @property
    def search_paths(self) -> tuple[str, ...]:
        """The directories of RPATH and RUNPATH."""
        return self.rpath + self.runpath

    @property
    def base_name(self) -> str:
        """The file's name without its directory."""
        return self.name.rpartition("/")[2]

    @property
    def architecture(self) -> Architecture | None:
        """The architecture that it is for; None for one that is not known.

        What does not say it is taken to pass hard floats, and on Arm to be of ARMv7: all newer systems are.
        """
        by_loader = "soft" if self.interpreter.rpartition("/")[2] in _SOFT_FLOAT_LOADERS else ""
        float_abi = self.float_abi or by_loader or _USUAL_FLOAT_ABI.get(self.machine, "")
        abi = (self.machine, self.bits, self.little_endian, float_abi)
        fitting = [known for known in ARCHITECTURES.values() if known.abi == abi]
        version = self.arm_version or _NEWEST_ARM
        return min(fitting, key=lambda known: abs(known.arm_version - version), default=None)


def read_elf(name: str, content: Content, *, symbols: bool = True) -> ElfFile:
    """Read the ELF file ``content``; without ``symbols``, what concerns single symbols stays empty (ten times faster).

    Raises ValueError if it is damaged.
    """
    image = ElfImage.from_content(content)
    attributes = _arm_attributes(image) if image.machine == _EM_ARM else {}
    known = image.symbols if symbols else ()
    undefined = [symbol for symbol in known if symbol.name and not symbol.defined]
    return ElfFile(
        name=name,
        bits=image.bits,
        little_endian=image.order == "<",
        machine=_machine_name(image.machine),
        kind=_KINDS.get(image.kind, f"ET_{image.kind}"),
        float_abi=_float_abi(image, attributes),
        arm_version=_CPU_ARCH.get(attributes.get("TAG_CPU_ARCH", 0), 0),
        interpreter=image.interpreter,
        is_program=image.is_program,
        is_loadable=bool(image.loads and image.dynamic),
        is_whole=image.is_whole,
        executable_stack=image.stack_is_executable,
        text_relocations=image.relocates_text,
        soname=next(iter(image.texts(DT_SONAME)), ""),
        needed=image.texts(DT_NEEDED),
        rpath=_directories(image, DT_RPATH),
        runpath=_directories(image, DT_RUNPATH),
        version_needs=tuple(_version_needs(image, known)),
        version_definitions=frozenset(version.name for version in image.defined_versions),
        undefined=frozenset(symbol.name for symbol in undefined),
        weak=frozenset(symbol.name for symbol in undefined if symbol.weak),
        exported=frozenset(symbol.name for symbol in known if symbol.visible),
    )


def defined_versions(content: Content) -> dict[str, frozenset[str]]:
    """Return the symbols that the shared object ``content`` defines, each with its versions: ``{"GLIBC_2.34"}``.

    Raises ValueError if it is damaged.
    """
    image = ElfImage.from_content(content)
    versions = {version.index & _VERSION_INDEX: version.name for version in image.defined_versions}
    found: dict[str, frozenset[str]] = {}
    for symbol, index in zip(image.symbols, image.version_indexes, strict=False):
        version = versions.get(index & _VERSION_INDEX)
        if symbol.defined and version:
            found[symbol.name] = found.get(symbol.name, frozenset()) | {version}
    return found


def loaded_data(content: Content) -> Iterator[bytes]:
    """Yield the code and constants of the ELF file ``content``: neither symbols nor debug information.

    Raises ValueError if it is damaged.
    """
    with _sections(content) as elf:
        for section in elf.iter_sections():
            if section["sh_type"] == "SHT_PROGBITS" and section["sh_flags"] & _ALLOC:
                yield content[section["sh_offset"] : section["sh_offset"] + section["sh_size"]]


@contextmanager
def _sections(content: Content) -> Iterator[ELFFile]:
    from elftools.common.exceptions import ELFError
    from elftools.construct import ConstructError
    from elftools.elf.elffile import ELFFile

    # What pyelftools raises over damaged files is not specified.
    damaged = (ELFError, ConstructError, ValueError, LookupError, AttributeError, TypeError, ArithmeticError)
    try:
        yield ELFFile(stream_of(content))
    except (*damaged, struct.error, AssertionError, MemoryError, RuntimeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _machine_name(number: int) -> str:
    from elftools.elf.enums import ENUM_E_MACHINE

    # Some numbers have several names there, and each knows them by the first.
    return next((name for name, value in ENUM_E_MACHINE.items() if value == number), str(number))


def _directories(image: ElfImage, tag: int) -> tuple[str, ...]:
    return tuple(path for text in image.texts(tag) if text for path in text.split(":"))


def _float_abi(image: ElfImage, attributes: Mapping[str, int]) -> FloatAbi:
    """Arm's linked files say it in their flags, object files in the attribute (Arm ELF ABI, sections 5.2 and 5.3)."""
    if image.machine == _EM_LOONGARCH:
        return _LOONGARCH_FLOAT_ABI.get(image.flags & 7, "")
    if image.machine != _EM_ARM:
        return ""
    if image.flags & _EF_ARM_ABI_FLOAT_HARD:
        return "hard"
    if image.flags & _EF_ARM_ABI_FLOAT_SOFT:
        return "soft"
    # An attribute left out counts as 0, but that says "soft" only of code that has floating-point arguments at all.
    return _VFP_ARGS.get(attributes.get("TAG_ABI_VFP_ARGS", -1), "")


def _arm_attributes(image: ElfImage) -> dict[str, int]:
    try:
        with _sections(image.content) as elf:
            return _read_arm_attributes(elf)
    except ValueError:
        # What is linked is loaded whatever its sections are.
        if image.loads:
            return {}
        raise


def _read_arm_attributes(elf: ELFFile) -> dict[str, int]:
    from elftools.elf.sections import ARMAttributesSection

    section = elf.get_section_by_name(".ARM.attributes")
    if not isinstance(section, ARMAttributesSection):
        return {}
    return {
        attribute.tag: attribute.value
        for vendor in section.iter_subsections("aeabi")
        for scope in vendor.iter_subsubsections()
        for attribute in scope.iter_attributes()
    }


def _version_needs(image: ElfImage, symbols: Sequence[Symbol]) -> Iterator[VersionNeed]:
    names: dict[int, list[str]] = {}
    # If symbols were left out, nothing is paired, and the names stay empty.
    for symbol, index in zip(symbols, image.version_indexes if symbols else (), strict=False):
        names.setdefault(index & _VERSION_INDEX, []).append(symbol.name)
    for version in image.needed_versions:
        used = names.get(version.index & _VERSION_INDEX, ())
        yield VersionNeed(library=version.library, version=version.name, symbols=tuple(sorted(used)))


def _module(symbol: str) -> str | None:
    for prefix in _INIT_PREFIXES:
        if symbol.startswith(prefix):
            return symbol.removeprefix(prefix)
    return None


def archive_members(content: Content) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of every member of a static library. Raises ValueError if it is damaged."""
    position, long_names = len(ARCHIVE_MAGIC), b""
    while position < len(content):
        header = content[position : position + 60]
        if header[58:] != b"`\n" or not header[48:58].strip().isdigit():
            raise ValueError("a member's header is damaged")
        name, size = header[:16].rstrip(), int(header[48:58])
        body = content[position + 60 : position + 60 + size]
        if len(body) < size:
            raise ValueError("its last member is cut off")
        # Members begin at even offsets; a byte of padding is not counted in the size.
        position += 60 + size + size % 2
        if name == b"//":
            long_names = body
        # These two are the index of symbols, with offsets of 32 or 64 bits.
        elif name not in {b"/", b"/SYM64/"}:
            yield _member(name, body, long_names)


def _member(name: bytes, body: bytes, long_names: bytes) -> tuple[str, bytes]:
    """Resolve the names that are too long for a header: GNU's by a table, BSD's (``#1/``) at the content's start."""
    if name.startswith(b"#1/"):
        length = int(name[3:])
        name, body = body[:length].rstrip(b"\0"), body[length:]
    elif name[:1] == b"/" and name[1:].isdigit():
        name = long_names[int(name[1:]) :].split(b"\n")[0]
    return name.rstrip(b"/").decode(errors="replace"), body
