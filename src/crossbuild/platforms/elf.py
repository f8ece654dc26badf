"""What an ELF file says of itself: its machine, its C library, what it needs. Nothing is loaded or run.

Sources: those of :mod:`crossbuild.platforms.elf_image` and :mod:`crossbuild.platforms.elf_sections`, and the ELF ABIs
of Arm, LoongArch and RISC-V (``e_flags``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from crossbuild.platforms.elf_image import DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_SONAME, ElfImage
from crossbuild.platforms.elf_properties import x86_level
from crossbuild.platforms.elf_refusal import loader_refusal
from crossbuild.platforms.elf_sections import arm_attributes
from crossbuild.platforms.platform import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crossbuild.platforms.content import Content
    from crossbuild.platforms.elf_image import Symbol
    from crossbuild.platforms.platform import Architecture, FloatAbi

ELF_MAGIC = b"\x7fELF"

_EF_ARM_ABI_FLOAT_SOFT = 0x200
_EF_ARM_ABI_FLOAT_HARD = 0x400
_VFP_ARGS: dict[int, FloatAbi] = {0: "soft", 1: "hard"}
_LOONGARCH_FLOAT_ABI: dict[int, FloatAbi] = {1: "soft", 2: "single", 3: "hard"}
_RISCV_FLOAT_ABI: dict[int, FloatAbi] = {0: "soft", 2: "single", 4: "hard", 6: "quad"}
_CPU_ARCH = {1: 4, 2: 4, 3: 5, 4: 5, 5: 5, 6: 6, 7: 6, 8: 7, 9: 6, 10: 7, 14: 7, 22: 7}
"""Arm's architectures by ``Tag_CPU_arch``. Of ARMv6, 8 is the one that has ARMv7's Thumb-2; the newest two are ARMv8
and 9, whose 32-bit systems have no name of their own."""
_USUAL_FLOAT_ABI: dict[str, FloatAbi] = {"EM_ARM": "hard", "EM_LOONGARCH": "hard", "EM_RISCV": "hard"}
_SOFT_FLOAT_LOADERS = ("ld-linux.so.3", "ld-musl-arm.so.1")
"""The loaders of 32-bit Arm systems with the soft-float calling convention."""
_NEWEST_ARM = 7
_VERSION_INDEX = 0x7FFF
"""The rest of an entry of ``.gnu.version`` says that other files are not to be linked against that version."""
_KINDS = {0: "ET_NONE", 1: "ET_REL", 2: "ET_EXEC", 3: "ET_DYN", 4: "ET_CORE"}
_EM_ARM, _EM_RISCV, _EM_LOONGARCH = 40, 243, 258
_TAG_CPU_ARCH, _TAG_ABI_VFP_ARGS = 6, 28
"""Of Arm's build attributes."""
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
    """How floating-point arguments are passed on 32-bit Arm, LoongArch and RISC-V; empty if the file does not say."""
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
    refusal: str = ""
    """Why the loader refuses it, a clause that follows its name; empty if it does not."""
    executable_stack: bool = False
    """Whether it asks for a stack whose contents can be executed."""
    text_relocations: bool = False
    """Whether the loader has to change its code."""
    x86_level: int = 0
    """The level of x86-64 that the loader requires of the CPU for it: 3 for x86-64-v3; 0 if the file does not say."""

    @cached_property
    def modules(self) -> frozenset[str]:
        """The extension modules whose initialisation functions it exports."""
        return frozenset(map(_module, filter(_is_init_function, self.exported)))

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
        arm_version=_CPU_ARCH.get(attributes.get(_TAG_CPU_ARCH, 0), 0),
        interpreter=image.interpreter,
        is_program=image.is_program,
        is_loadable=bool(image.loads and image.dynamic),
        refusal=loader_refusal(image),
        is_whole=image.is_whole,
        executable_stack=image.stack_is_executable,
        text_relocations=image.relocates_text,
        x86_level=x86_level(image),
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


def _machine_name(number: int) -> str:
    from elftools.elf.enums import ENUM_E_MACHINE

    # Some numbers have several names there, and each knows them by the first.
    return next((name for name, value in ENUM_E_MACHINE.items() if value == number), str(number))


def machine_number(name: str) -> int:
    """Return ``e_machine`` for pyelftools' ``name`` of it, such as ``EM_ARM``."""
    from elftools.elf.enums import ENUM_E_MACHINE

    return int(ENUM_E_MACHINE[name])


def _directories(image: ElfImage, tag: int) -> tuple[str, ...]:
    return tuple(path for text in image.texts(tag) if text for path in text.split(":"))


def _float_abi(image: ElfImage, attributes: Mapping[int, int]) -> FloatAbi:
    """Arm's linked files say it in their flags, object files in the attribute (Arm ELF ABI, sections 5.2 and 5.3)."""
    if image.machine == _EM_LOONGARCH:
        return _LOONGARCH_FLOAT_ABI.get(image.flags & 7, "")
    if image.machine == _EM_RISCV:
        return _RISCV_FLOAT_ABI[image.flags & 6]
    if image.machine != _EM_ARM:
        return ""
    if image.flags & _EF_ARM_ABI_FLOAT_HARD:
        return "hard"
    if image.flags & _EF_ARM_ABI_FLOAT_SOFT:
        return "soft"
    # An attribute left out counts as 0, but that says "soft" only of code that has floating-point arguments at all.
    return _VFP_ARGS.get(attributes.get(_TAG_ABI_VFP_ARGS, -1), "")


def _arm_attributes(image: ElfImage) -> dict[int, int]:
    try:
        return arm_attributes(image)
    except ValueError:
        # What is linked is loaded whatever its sections are.
        if image.loads:
            return {}
        raise


def _version_needs(image: ElfImage, symbols: Sequence[Symbol]) -> Iterator[VersionNeed]:
    names: dict[int, list[str]] = {}
    # If symbols were left out, nothing is paired, and the names stay empty.
    for symbol, index in zip(symbols, image.version_indexes if symbols else (), strict=False):
        names.setdefault(index & _VERSION_INDEX, []).append(symbol.name)
    for version in image.needed_versions:
        used = names.get(version.index & _VERSION_INDEX, ())
        yield VersionNeed(library=version.library, version=version.name, symbols=tuple(sorted(used)))


def _is_init_function(symbol: str) -> bool:
    return symbol.startswith(_INIT_PREFIXES) and symbol not in _INIT_PREFIXES


def _module(symbol: str) -> str:
    return next(symbol.removeprefix(prefix) for prefix in _INIT_PREFIXES if symbol.startswith(prefix))
