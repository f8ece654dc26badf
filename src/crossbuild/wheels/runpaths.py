"""Run paths that name directories of crossbuild's own, made to name the host's.

Builds put them into libraries for the directory that they found a library in; CMake even after the linker has ended. On
the host, where the sysroot is ``/`` and the cross Python is the host's, the same build would have written other paths.
"""

from __future__ import annotations

import posixpath
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.platforms.elf import ELF_MAGIC
from crossbuild.platforms.elf_image import DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_STRTAB, PT_DYNAMIC, ElfImage
from crossbuild.wheels.archive import open_wheel
from crossbuild.wheels.references import is_measured
from crossbuild.wheels.retag import change_members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.host.model import Host
    from crossbuild.interpreter.shadow import CrossPython
    from crossbuild.native.build_layout import BuildDirectory
    from crossbuild.wheels.archive import WheelArchive

_ENTRIES = {32: "II", 64: "QQ"}
"""An entry of a dynamic section, in struct's words, by the class of the file."""
_PATHS = frozenset((DT_NEEDED, DT_RPATH, DT_RUNPATH))
"""The tags whose values are paths, the first where a library without a soname was linked by its path."""


def host_names(host: Host, cross_python: CrossPython, build: BuildDirectory) -> dict[Path, str]:
    """Return what the host calls crossbuild's own directories; nothing for those that it does not have.

    ``build`` is where the wheel was built. What only stands for a host, by its tag, has no directories that are known.
    """
    recorded = {} if host.synthesised else host.build_time_vars
    prefix, libraries = (str(recorded.get(name) or "") for name in ("prefix", "LIBDIR"))
    names = {
        cross_python.libraries: libraries,
        cross_python.prefix: prefix,
        build.cross_venv: prefix,
        build.libraries: "",
    }
    if host.prefix and prefix:
        names[host.prefix] = prefix
    if host.sysroot:
        names[host.sysroot] = "/" if is_measured(host) else ""
    return names | {path.resolve(): name for path, name in names.items()}


def localise_run_paths(wheel: Path, names: Mapping[Path, str]) -> None:
    """Put ``names`` of the host into all ELF files in ``wheel`` for directories of this machine.

    What has no name on the host is taken out of run paths. ELF files that cannot be read are left alone. Raises
    AuditError if ``wheel`` is not a well-formed wheel.
    """
    changed: dict[str, bytes] = {}
    with open_wheel(wheel) as archive:
        for info in archive.members:
            content = _machine_code(archive, info.filename)
            if any(bytes(path) in content for path in names):
                new = with_host_names(content, names)
                changed |= {info.filename: new} if new != content else {}
    change_members(wheel, changed)


def _machine_code(archive: WheelArchive, name: str) -> bytes:
    """Return what is in the member ``name``; nothing if it is no ELF file."""
    with archive.open(name) as stream:
        start = stream.read(len(ELF_MAGIC))
        return start + stream.read() if start == ELF_MAGIC else b""


def with_host_names(content: bytes, names: Mapping[Path, str]) -> bytes:
    """Return the ELF file ``content`` with every directory of its run paths as the host calls it."""
    new = bytearray(content)
    try:
        _rewrite(new, content, ElfImage.from_content(content), names)
    except ValueError:
        return content
    return bytes(new)


def _rewrite(new: bytearray, content: bytes, image: ElfImage, names: Mapping[Path, str]) -> None:
    """Rewrite the dynamic section of ``content`` in its copy ``new``, and the strings that it names."""
    segment, table = image.first(PT_DYNAMIC), image.value(DT_STRTAB)
    if segment is None or table is None:
        return
    strings, entries = image.offset_of(table), []
    for tag, value in image.dynamic:
        text = _text(content, strings + value) if tag in _PATHS else b""
        localised = _localised(text, names, keep=tag == DT_NEEDED)
        if localised == text:
            entries.append((tag, value))
        elif localised:
            entries.append((tag, value + _replace(new, strings + value, text, localised)))
        else:
            _replace(new, strings + value, text, b"")
    form, start = struct.Struct(image.order + _ENTRIES[image.bits]), image.offset_of(segment.address)
    # An entry of zeros (DT_NULL) ends the section, so the padding has no effect.
    packed = b"".join(form.pack(*entry) for entry in entries)
    size = len(image.dynamic) * form.size
    new[start : start + size] = packed.ljust(size, b"\0")


def _text(content: bytes, start: int) -> bytes:
    return content[start : content.index(b"\0", start)]


def _localised(text: bytes, names: Mapping[Path, str], *, keep: bool) -> bytes:
    """Return the paths in ``text`` as the host calls them; those that it does not have are left out, or ``keep`` it."""
    paths = [_on_host(path, names) for path in text.decode(errors="surrogateescape").split(":")]
    kept = [path for path in paths if path is not None]
    if keep and len(kept) < len(paths):
        return text
    # A path that is empty stands for the current directory.
    return ":".join(kept).encode(errors="surrogateescape") if any(kept) else b""


def _on_host(path: str, names: Mapping[Path, str]) -> str | None:
    """Return what the host calls ``path``; None if it does not have it."""
    # If directories are nested, the name of the innermost counts.
    plain = Path(posixpath.normpath(path))
    for own, name in sorted(names.items(), key=lambda item: len(item[0].parts), reverse=True):
        if path.startswith("/") and plain.is_relative_to(own):
            return posixpath.normpath(posixpath.join(name, plain.relative_to(own))) if name else None
    return path


def _replace(content: bytearray, start: int, old: bytes, new: bytes) -> int:
    """Write ``new`` in the place of the string ``old`` at ``start``; return how far from there it begins.

    Linkers let strings share their ends: the last name of a path stays what it is, where it is.
    """
    room, shared = len(old) - len(old.rpartition(b"/")[2]), len(old)
    if len(new) < room:
        content[start : start + room] = new.ljust(room, b"\0")
        return 0
    if len(new) > shared:
        raise ValueError("there is no room for the path of the host")
    content[start : start + shared] = new.rjust(shared, b"\0")
    return shared - len(new)
