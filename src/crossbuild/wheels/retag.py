"""Give a wheel its final tags and its place, both or neither."""

from __future__ import annotations

import re
import shutil
import stat
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipInfo

from wheel.wheelfile import WheelFile

from crossbuild.platforms.elf import ELF_MAGIC
from crossbuild.system.filesystem import replaced
from crossbuild.wheels.archive import open_wheel
from crossbuild.wheels.record_file import SIGNATURES
from crossbuild.wheels.wheel_contents import read_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from _typeshed import SizedBuffer

    from crossbuild.wheels.archive import WheelArchive
    from crossbuild.wheels.audit import WheelReport

_PROGRAM, _FILE = 0o100755, 0o100644
_EARLIEST = 315_532_800
"""The first second of 1980, the earliest time in a ZIP archive."""
_UNIX = 3
"""The system whose permissions an entry has (PKWARE's APPNOTE, 4.4.2)."""
_PURE = re.compile(r"^Root-Is-Purelib:.*$", re.IGNORECASE | re.MULTILINE)


def finish_wheel(wheel: Path, *, report: WheelReport, destination: Path, date: int) -> Path:
    """Write ``wheel`` into the directory ``destination`` with the platform tags of its report; return where it is.

    A file of that name is replaced; until the new one is whole, it stays. ``wheel`` itself is left alone. So that the
    same files give the same bytes, members are sorted, and have the time ``date`` (seconds since 1970) and the plainest
    permissions. RECORD comes last. A member that is there twice with the same content is written once.
    """
    # Sorted, as PEP 425 wants sets of tags in file names.
    stem, _, current = wheel.name.removesuffix(".whl").rpartition("-")
    platform = ".".join(sorted(report.platform_tags))
    final = destination / f"{stem}-{platform}.whl"
    destination.mkdir(parents=True, exist_ok=True)
    with open_wheel(wheel) as archive:
        tagged = {f"{archive.dist_info}/WHEEL": _with_tags(archive.metadata("WHEEL"), report.platform_tags)}
        entries = [_plain_entry(info, date) for info in sorted(archive.members, key=partial(_place, archive))]
        _rewrite(archive, final, tagged if platform != current else {}, entries)
    return final


def change_members(wheel: Path, changed: Mapping[str, bytes], added: Mapping[str, bytes] | None = None) -> None:
    """Write ``wheel`` with the members ``changed`` and ``added`` in its place, unless there are none.

    What is added has the time of RECORD, and may be executed if it is machine code.

    One with a wrong RECORD stays as it is: the audit refuses it, and would not see what a new RECORD makes right.
    """
    if (changed or added) and not read_wheel(wheel).problems:
        with open_wheel(wheel) as archive:
            new = [_new_entry(name, content, archive) for name, content in (added or {}).items()]
            # Metadata comes last (PEP 427).
            entries = sorted((*map(_entry, archive.members), *new), key=lambda one: _place(archive, one)[0])
            _rewrite(archive, wheel, {**changed, **(added or {})}, entries)


def _rewrite(archive: WheelArchive, final: Path, changed: Mapping[str, bytes], entries: Sequence[ZipInfo]) -> None:
    """Write ``archive`` to ``final`` with the members ``changed``, each once, and with a RECORD that fits, unsigned.

    Members are in the order of ``entries``, and described by them.
    """
    left_out = {f"{archive.dist_info}/{name}" for name in ("RECORD", *SIGNATURES)}
    (record,) = (entry for entry in entries if entry.filename == f"{archive.dist_info}/RECORD")
    with tempfile.TemporaryDirectory() as scratch:
        rewritten = Path(scratch, final.name)
        with _Rewritten(rewritten, record, comment=archive.zip.comment) as target:
            for entry in entries:
                if entry.filename not in left_out:
                    content = changed.get(entry.filename)
                    target.writestr(entry, archive.read(entry.filename) if content is None else content)
        with replaced(final) as beside:
            shutil.copyfile(rewritten, beside)


class _Rewritten(WheelFile):
    """A new wheel.

    Its RECORD is written when it is closed, as the entry ``record``: WheelFile gives it the time in the environment of
    this process, or the present one.
    """

    def __init__(self, file: Path, record: ZipInfo, *, comment: bytes) -> None:
        super().__init__(file, "w")
        self.comment = comment
        self.record_path = record.filename  # the file's name may be spelt in another way
        self._record = record

    def writestr(self, zinfo_or_arcname: str | ZipInfo, data: SizedBuffer | str, *args: Any, **options: Any) -> None:
        entry = self._record if zinfo_or_arcname == self.record_path else zinfo_or_arcname
        super().writestr(entry, data, *args, **options)


def _place(archive: WheelArchive, info: ZipInfo) -> tuple[bool, str]:
    """Return what members are sorted by: metadata comes last, as PyPA's "Binary distribution format" asks for."""
    return info.filename.startswith(f"{archive.dist_info}/"), info.filename


def _plain_entry(info: ZipInfo, date: int) -> ZipInfo:
    """Return the entry with nothing in it that depends on who built the wheel, and when."""
    entry = _entry(info)
    year, month, day, hour, minute, second, *_ = time.gmtime(max(date, _EARLIEST))
    entry.date_time = (year, month, day, hour, minute, second)
    is_program = info.external_attr >> 16 & 0o111
    entry.external_attr = (stat.S_IFREG | (0o755 if is_program else 0o644)) << 16
    entry.create_system = _UNIX
    return entry


def _entry(info: ZipInfo) -> ZipInfo:
    """Return the entry without what belongs to its place in the old archive: offsets, sizes, extra fields."""
    entry = ZipInfo(info.filename, info.date_time)
    entry.compress_type = info.compress_type
    entry.external_attr = info.external_attr
    entry.create_system = info.create_system
    entry.comment = info.comment
    return entry


def _new_entry(name: str, content: bytes, archive: WheelArchive) -> ZipInfo:
    record = archive.zip.getinfo(f"{archive.dist_info}/RECORD")
    entry = ZipInfo(name, record.date_time)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = (_PROGRAM if content.startswith(ELF_MAGIC) else _FILE) << 16
    return entry


def _with_tags(metadata: bytes, platform_tags: Sequence[str]) -> bytes:
    """Return the WHEEL file with each pair of Python and ABI tag once per platform, where its first tag stood."""
    lines = metadata.decode().splitlines()
    old = [line for line in lines if line.lower().startswith("tag:")]
    pairs = dict.fromkeys(line.partition(":")[2].strip().rpartition("-")[0] for line in old)
    was_any = any(line.rstrip().endswith("-any") for line in old) and "any" not in platform_tags
    new = [f"Tag: {pair}-{platform}" for pair in pairs for platform in platform_tags]
    first = lines.index(old[0])
    kept = [line for line in lines[first:] if line not in old]
    # Machine code belongs into platlib, which some distributions have elsewhere than purelib (lib64 and lib).
    text = "\n".join([*lines[:first], *new, *kept]) + "\n"
    return (_PURE.sub("Root-Is-Purelib: false", text) if was_any else text).encode()
