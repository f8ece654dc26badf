"""Small ELF files, wheels and hosts made to order, for the tests of crossbuild.wheels."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.host.measured.recorded import platform_triplet
from crossbuild.host.model import Host
from crossbuild.platforms.platform import ARCHITECTURES, Platform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossbuild.platforms.platform import Architecture

SUFFIX = ".cpython-311-aarch64-linux-gnu.so"
_MACHINES = {
    "i686": 3,
    "ppc64le": 21,
    "s390x": 22,
    "armv7l": 40,
    "armv5tel": 40,
    "armv6l": 40,
    "loongarch64": 258,
    "x86_64": 62,
    "aarch64": 183,
    "riscv64": 243,
}
_KINDS = {"ET_REL": 1, "ET_EXEC": 2, "ET_DYN": 3, "ET_CORE": 4}
_ARM_EABI5 = 0x05000000
HARD_FLOAT, SOFT_FLOAT = _ARM_EABI5 | 0x400, _ARM_EABI5 | 0x200
_USUAL_FLAGS = {"loongarch64": 0x43, "riscv64": 0x5}
"""What says that floating-point arguments are passed in registers for doubles."""
_DT_NULL, _DT_NEEDED, _DT_SONAME, _DT_RPATH, _DT_TEXTREL, _DT_RUNPATH = 0, 1, 14, 15, 22, 29
_DT_STRSZ, _DT_FLAGS_1, _DF_1_PIE = 10, 0x6FFFFFFB, 0x08000000
_PLACES = {
    ".hash": 4,
    ".dynstr": 5,
    ".dynsym": 6,
    ".gnu.version": 0x6FFFFFF0,
    ".gnu.version_r": 0x6FFFFFFE,
    ".gnu.version_d": 0x6FFFFFFC,
}
"""The entries of the dynamic section that say where something is."""
_DEBUGGING = ".debug_str"
_LOADED = {*_PLACES, ".dynamic"}
"""The sections that the loader uses."""
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP, _PT_GNU_STACK, _PT_GNU_PROPERTY = 1, 2, 3, 0x6474E551, 0x6474E553
_READ, _EXECUTE = 4, 1
_SHT = {
    "strtab": 3,
    "dynamic": 6,
    "progbits": 1,
    "note": 7,
    "hash": 5,
    "dynsym": 11,
    "versym": 0x6FFFFFFF,
    "verneed": 0x6FFFFFFE,
    "verdef": 0x6FFFFFFD,
}
_ALLOC = 2
_HIDDEN = 2
_FIRST_OFFER = 0x100
"""The index of the first symbol version that a file offers; those that it needs begin at 2."""
_ARM_ATTRIBUTES = 0x70000003


@dataclass
class _Strings:
    data: bytearray = field(default_factory=lambda: bytearray(b"\0"))

    def add(self, text: str) -> int:
        position = len(self.data)
        self.data += text.encode() + b"\0"
        return position


@dataclass(frozen=True)
class _Section:
    name: str
    kind: int
    data: bytes
    link: int = 0
    info: int = 0
    entry: int = 0
    flags: int = 0


def make_elf(
    architecture: str = "aarch64",
    *,
    kind: str = "ET_DYN",
    flags: int | None = None,
    needed: Sequence[str] = ("libc.so.6",),
    soname: str = "",
    rpath: str = "",
    runpath: str = "",
    interpreter: str = "",
    versions: Mapping[tuple[str, str], Sequence[str]] | None = None,
    undefined: Sequence[str] = (),
    defines: Sequence[str] = (),
    weak: Sequence[str] = (),
    offers: Sequence[str] | Mapping[str, Sequence[str]] = (),
    vfp_args: int | None = None,
    cpu_arch: int | None = None,
    constants: bytes = b"",
    debug_information: bytes = b"",
    hidden: Sequence[str] = (),
    executable_stack: bool = False,
    text_relocations: bool = False,
    program: bool = False,
    x86_level: int = 0,
    sections_stripped: bool = False,
) -> bytes:
    """Return an ELF file that says what it is told to.

    ``versions``: (library, version) to the symbols that need it; ``offers``: the symbol versions that it defines, maybe
    with the symbols that have them; ``hidden``: symbols that it defines for itself only; ``program``: whether it
    says that it is one; ``x86_level``: the one that it needs, by a property after another one;
    ``debug_information``: what is behind all that is loaded.
    """
    arch = ARCHITECTURES[architecture]
    strings = _Strings()
    dynamic = [
        *((_DT_NEEDED, strings.add(library)) for library in needed),
        *((tag, strings.add(text)) for tag, text in _texts(soname, rpath, runpath) if text),
        *([(_DT_TEXTREL, 0)] if text_relocations else []),
        *([(_DT_FLAGS_1, _DF_1_PIE)] if program else []),
    ]
    offered_symbols = offers if isinstance(offers, Mapping) else dict.fromkeys(offers, ())
    loose = [(name, 0x12) for name in undefined] + [(name, 0x22) for name in weak]
    symbols, indexes = _symbols(arch, strings, versions or {}, loose, defines, offered_symbols, hidden)
    needs = _version_needs(arch, strings, list(versions or {}))
    offered = _version_definitions(arch, strings, list(offers))
    sections = [
        _Section(".dynstr", _SHT["strtab"], b""),
        _Section(".dynsym", _SHT["dynsym"], symbols, link=1, info=1, entry=24 if arch.bits == 64 else 16),
        _Section(".gnu.version", _SHT["versym"], indexes, link=2, entry=2),
        _Section(
            ".gnu.version_r", _SHT["verneed"], needs, link=1, info=len({library for library, _ in versions or {}})
        ),
        _Section(".hash", _SHT["hash"], _hash_table(arch, len(indexes) // 2), link=2),
        _Section(".interp", _SHT["progbits"], interpreter.encode() + b"\0", flags=_ALLOC if interpreter else 0),
        _Section(".rodata", _SHT["progbits"], constants, flags=_ALLOC),
        _Section(".note.gnu.property", _SHT["note"], _properties(arch, x86_level)),
    ]
    if offers:
        sections.append(_Section(".gnu.version_d", _SHT["verdef"], offered, link=1, info=len(offers)))
    attributes = {6: cpu_arch, 28: vfp_args}
    if vfp_args is not None or cpu_arch is not None:
        sections.append(_Section(".ARM.attributes", _ARM_ATTRIBUTES, _arm_attributes(attributes)))
    sections[0] = _Section(".dynstr", _SHT["strtab"], bytes(strings.data))
    segments = [_PT_LOAD, _PT_DYNAMIC] if kind != "ET_REL" else []
    segments += [_PT_INTERP] if interpreter else []
    segments += [_PT_GNU_STACK] if executable_stack else []
    segments += [_PT_GNU_PROPERTY] if x86_level else []
    if flags is None:
        usual = {"hard": HARD_FLOAT, "soft": SOFT_FLOAT}.get(arch.float_abi, 0)
        flags = _USUAL_FLAGS.get(architecture, usual)
    content = _assemble(arch, _KINDS[kind], flags, sections, dynamic, segments, debug_information)
    return _without_sections(arch, content) if sections_stripped else content


def _properties(arch: Architecture, x86_level: int) -> bytes:
    """Return a note with the features that the code uses, and the levels that it needs of the CPU."""
    padding = bytes(arch.bits // 8 - 4)
    words = (0xC0000002, 4, 3), (0xC0008002, 4, (1 << x86_level) - 1)
    properties = b"".join(_pack(arch, "III", *values) + padding for values in words)
    return _pack(arch, "III", 4, len(properties), 5) + b"GNU\0" + properties


def _without_sections(arch: Architecture, content: bytes) -> bytes:
    """Return ``content`` with no word of sections in its header, as after ``llvm-strip --strip-sections``."""
    places = {40: 8, 60: 4} if arch.bits == 64 else {32: 4, 48: 4}
    stripped = bytearray(content)
    for place, size in places.items():
        stripped[place : place + size] = bytes(size)
    return bytes(stripped)


def _hash_table(arch: Architecture, symbols: int) -> bytes:
    """Return a table in which nothing is found, but which tells how many symbols there are."""
    words = (1, symbols, *[0] * (1 + symbols))
    return _pack(arch, ("Q" if arch.name == "s390x" else "I") * len(words), *words)


def _texts(soname: str, rpath: str, runpath: str) -> tuple[tuple[int, str], ...]:
    return (_DT_SONAME, soname), (_DT_RPATH, rpath), (_DT_RUNPATH, runpath)


def _pack(arch: Architecture, layout: str, *values: int) -> bytes:
    """Pack like struct.pack; ``N`` is a word of the architecture's size."""
    word = "Q" if arch.bits == 64 else "I"
    return struct.pack(("<" if arch.little_endian else ">") + layout.replace("N", word), *values)


def _symbols(
    arch: Architecture,
    strings: _Strings,
    versions: Mapping[tuple[str, str], Sequence[str]],
    loose: Sequence[tuple[str, int]],
    defines: Sequence[str],
    offers: Mapping[str, Sequence[str]],
    hidden: Sequence[str],
) -> tuple[bytes, bytes]:
    entries = [(name, index, 0, 0x12) for index, names in enumerate(versions.values(), 2) for name in names]
    entries += [(name, 0, 0, info) for name, info in loose] + [(name, 1, 1, 0x12) for name in defines]
    entries += [(name, index, 1, 0x12) for index, names in enumerate(offers.values(), _FIRST_OFFER) for name in names]
    symbols, indexes = _symbol(arch, 0, 0, 0), _pack(arch, "H", 0)
    for name, index, section, info in entries:
        symbols += _symbol(arch, strings.add(name), info, section)
        indexes += _pack(arch, "H", index)
    for name in hidden:
        symbols += _symbol(arch, strings.add(name), 0x12, 1, visibility=_HIDDEN)
        indexes += _pack(arch, "H", 0)
    return symbols, indexes


def _symbol(arch: Architecture, name: int, info: int, section: int, visibility: int = 0) -> bytes:
    if arch.bits == 64:
        return _pack(arch, "IBBHQQ", name, info, visibility, section, 0, 0)
    return _pack(arch, "IIIBBH", name, 0, 0, info, visibility, section)


def _version_needs(arch: Architecture, strings: _Strings, needs: Sequence[tuple[str, str]]) -> bytes:
    data = b""
    libraries = list(dict.fromkeys(library for library, _ in needs))
    for library in libraries:
        own = [(index, version) for index, (name, version) in enumerate(needs, 2) if name == library]
        following = 0 if library == libraries[-1] else 16 + 16 * len(own)
        data += _pack(arch, "HHIII", 1, len(own), strings.add(library), 16, following)
        for index, version in own:
            data += _pack(arch, "IHHII", 0, 0, index, strings.add(version), 0 if (index, version) == own[-1] else 16)
    return data


def _version_definitions(arch: Architecture, strings: _Strings, offers: Sequence[str]) -> bytes:
    data = b""
    for index, version in enumerate(offers, _FIRST_OFFER):
        following = 0 if version == offers[-1] else 28
        data += _pack(arch, "HHHHIII", 1, 0, index, 1, 0, 20, following) + _pack(arch, "II", strings.add(version), 0)
    return data


def _arm_attributes(values: Mapping[int, int | None]) -> bytes:
    attributes = bytes(byte for tag, value in values.items() if value is not None for byte in (tag, value))
    scope = bytes((1,)) + struct.pack("<I", 5 + len(attributes)) + attributes
    vendor = b"aeabi\0" + scope
    return b"A" + struct.pack("<I", 4 + len(vendor)) + vendor


def _assemble(
    arch: Architecture,
    kind: int,
    flags: int,
    sections: list[_Section],
    dynamic: list[tuple[int, int]],
    segments: list[int],
    debugging: bytes,
) -> bytes:
    """Put the parts together. All but ``debugging`` is loaded, and each part to an address that is its offset."""
    header_size, segment_size, section_size = (64, 56, 64) if arch.bits == 64 else (52, 32, 40)
    start = header_size + len(segments) * segment_size
    entries = [*dynamic, (_DT_STRSZ, len(sections[0].data)), *_places(sections, start), (_DT_NULL, 0)]
    sections = [
        *sections,
        _Section(".dynamic", _SHT["dynamic"], _pack(arch, "NN" * len(entries), *sum(entries, ())), link=1, entry=16),
    ]
    names = _Strings()
    body, headers, places = b"", _section_header(arch, 0, _Section("", 0, b""), 0), {}
    name_table = _Section(".shstrtab", _SHT["strtab"], b"")
    apart = [_Section(_DEBUGGING, _SHT["progbits"], debugging)] if debugging else []
    for section in [*sections, *apart, name_table]:
        name = names.add(section.name)
        data = bytes(names.data) if section is name_table else section.data
        places[section.name] = (start + len(body), len(data))
        headers += _section_header(arch, name, section, start + len(body), len(data))
        body += _padded(data)
    loaded = {
        _PT_LOAD: (0, places[_DEBUGGING][0] if apart else start + len(body)),
        _PT_DYNAMIC: places[".dynamic"],
        _PT_INTERP: places[".interp"],
        _PT_GNU_STACK: (0, 0),
        _PT_GNU_PROPERTY: places[".note.gnu.property"],
    }
    table = b"".join(_segment(arch, segment, *loaded[segment]) for segment in segments)
    ident = b"\x7fELF" + bytes((2 if arch.bits == 64 else 1, 1 if arch.little_endian else 2, 1)) + b"\0" * 9
    header = _pack(
        arch, "HHINNNIHHHHHH", kind, _MACHINES[arch.name], 1, 0, header_size, start + len(body), flags, header_size,
        segment_size, len(segments), section_size, len(sections) + len(apart) + 2, len(sections) + len(apart) + 1,
    )  # fmt: skip
    return ident + header + table + body + headers


def _places(sections: list[_Section], start: int) -> list[tuple[int, int]]:
    found = []
    for section in sections:
        if section.name in _PLACES and section.data:
            found.append((_PLACES[section.name], start))
        start += len(_padded(section.data))
    return found


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 8)


def _section_header(arch: Architecture, name: int, section: _Section, offset: int, size: int = 0) -> bytes:
    loaded = _ALLOC if section.name in _LOADED else 0
    return _pack(
        arch, "IINNNNIINN", name, section.kind, section.flags | loaded, offset if loaded else 0, offset, size,
        section.link, section.info, 1, section.entry,
    )  # fmt: skip


def _segment(arch: Architecture, kind: int, offset: int, size: int) -> bytes:
    flags = _READ | _EXECUTE if kind == _PT_GNU_STACK else _READ
    if arch.bits == 64:
        return _pack(arch, "IIQQQQQQ", kind, flags, offset, offset, offset, size, size, 8)
    return _pack(arch, "IIIIIIII", kind, offset, offset, offset, size, size, flags, 4)


def make_archive(members: Mapping[str, bytes]) -> bytes:
    """Return a static library with ``members``."""
    data = b"!<arch>\n"
    for name, content in members.items():
        data += f"{name + '/':<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        data += content + b"\n" * (len(content) % 2)
    return data


def make_wheel(
    directory: Path,
    files: Mapping[str, bytes],
    *,
    tag: str = "cp311-cp311-linux_aarch64",
    stated: Sequence[str] | None = None,
    unrecorded: Mapping[str, bytes] | None = None,
    project: str = "probe-1.0",
    requires: Sequence[str] = (),
    headers: Sequence[str] = (),
    pure: bool = False,
    metadata: str | None = None,
    purelib: str | None = None,
) -> Path:
    """Write the wheel of ``project`` with ``files``; ``stated``: the tags of its WHEEL file; more lines of METADATA.

    ``metadata``: all of METADATA; ``purelib``: what stands behind Root-Is-Purelib, nothing leaves the line out.
    """
    python, abi, platform = tag.split("-")
    expanded = [f"{p}-{a}-{m}" for p in python.split(".") for a in abi.split(".") for m in platform.split(".")]
    purelib = str(pure).lower() if purelib is None else purelib
    lines = ["Wheel-Version: 1.0", "Generator: probe 1", *([f"Root-Is-Purelib: {purelib}"] if purelib else [])]
    lines += [f"Tag: {one}" for one in (expanded if stated is None else stated)]
    members = {
        **files,
        f"{project}.dist-info/METADATA": metadata.encode() if metadata else _metadata(project, requires, headers),
        f"{project}.dist-info/WHEEL": ("\n".join(lines) + "\n").encode(),
    }
    record = io.StringIO()
    rows = [(name, _hash(content), len(content)) for name, content in members.items()]
    csv.writer(record, lineterminator="\n").writerows([*rows, (f"{project}.dist-info/RECORD", "", "")])
    members[f"{project}.dist-info/RECORD"] = record.getvalue().encode()
    path = directory / f"{project}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**members, **(unrecorded or {})}.items():
            info = zipfile.ZipInfo(name, (2020, 2, 2, 2, 2, 2))
            info.external_attr = (0o100755 if ".data/scripts/" in name else 0o100644) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


def _metadata(project: str, requires: Sequence[str], headers: Sequence[str]) -> bytes:
    name, _, version = project.partition("-")
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    return "\n".join([*lines, *headers, *(f"Requires-Dist: {one}" for one in requires), ""]).encode()


def _hash(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def make_host(
    tag: str = "linux_aarch64",
    *,
    libc: str = "",
    suffix: str = "",
    python: tuple[int, int] = (3, 11),
    abi_flags: str = "",
    sysroot: Path | None = None,
) -> Host:
    """Return a host of ``python`` for ``tag``; ``libc`` makes it a real one, with ``glibc 2.36`` or ``musl 1.2``."""
    platform = Platform.from_tag(tag)
    if libc:
        family, _, version = libc.partition(" ")
        major, minor = version.split(".")
        platform = Platform(
            architecture=platform.architecture,
            libc="musl" if family == "musl" else "glibc",
            libc_version=(int(major), int(minor)),
        )
    version_tag = "{}{}{}".format(*python, abi_flags)
    return Host(
        name=tag,
        platform=platform,
        python_version=(*python, 2),
        abi_flags=abi_flags,
        build_time_vars={
            "EXT_SUFFIX": suffix or f".cpython-{version_tag}-{platform_triplet(platform, python)}.so",
            "LIBDIR": f"/usr/lib/{platform.multiarch}",
        },
        headers=Path("/root/usr/include/python{}.{}".format(*python)),
        pyconfig="",
        sysroot=sysroot,
        synthesised=not libc,
    )
