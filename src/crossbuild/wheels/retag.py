"""Give a wheel its final tags and its place, both or neither."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import shutil
import zipfile
from typing import TYPE_CHECKING

from crossbuild.system.filesystem import replaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crossbuild.wheels.audit import WheelReport

# Signatures of RECORD, which end with its change (PEP 427).
_SIGNATURES = (".dist-info/RECORD.jws", ".dist-info/RECORD.p7s")
_PURE = re.compile(r"^Root-Is-Purelib:.*$", re.IGNORECASE | re.MULTILINE)


def finish_wheel(wheel: Path, *, report: WheelReport, destination: Path) -> Path:
    """Write ``wheel`` into the directory ``destination`` with the platform tags of its report; return where it is.

    A file of that name is replaced; until the new one is whole, it stays. ``wheel`` itself is left alone. Members keep
    their order, times, permissions and compression, so that the same input gives the same bytes. A member that is
    there twice with the same content is written once.
    """
    stem, _, current = wheel.name.removesuffix(".whl").rpartition("-")
    platform = ".".join(sorted(report.platform_tags))
    final = destination / f"{stem}-{platform}.whl"
    destination.mkdir(parents=True, exist_ok=True)
    with replaced(final) as scratch:
        if platform == current and not report.repeated:
            shutil.copyfile(wheel, scratch)
        else:
            _rewrite_tags(wheel, scratch, report.platform_tags)
    return final


def rewrite_members(wheel: Path, final: Path, changed: Mapping[str, bytes]) -> None:
    """Write ``wheel`` to ``final`` with the members ``changed``, each once, and with a RECORD that fits, unsigned."""
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(final, "w") as target:
        target.comment = source.comment
        record = next(name for name in source.namelist() if name.endswith(".dist-info/RECORD"))
        contents = {**changed, record: _with_hashes(source.read(record), changed)}
        written: set[tuple[str, bytes]] = set()
        for info in source.infolist():
            if info.filename.endswith(_SIGNATURES):
                continue
            content = contents[info.filename] if info.filename in contents else source.read(info)
            member = (info.filename, hashlib.sha256(content).digest())
            if member not in written:
                written.add(member)
                target.writestr(_entry(info), content)


def change_members(wheel: Path, changed: Mapping[str, bytes]) -> None:
    """Do the same in place, unless nothing is ``changed``."""
    if changed:
        with replaced(wheel) as scratch:
            rewrite_members(wheel, scratch, changed)


def _rewrite_tags(wheel: Path, final: Path, platform_tags: Sequence[str]) -> None:
    with zipfile.ZipFile(wheel) as source:
        metadata = next(name for name in source.namelist() if name.endswith(".dist-info/WHEEL"))
        new_metadata = _with_tags(source.read(metadata), platform_tags)
    rewrite_members(wheel, final, {metadata: new_metadata})


def _entry(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Return the entry without what belongs to its place in the old archive: offsets, sizes, extra fields."""
    entry = zipfile.ZipInfo(info.filename, info.date_time)
    entry.compress_type = info.compress_type
    entry.external_attr = info.external_attr
    entry.create_system = info.create_system
    entry.comment = info.comment
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
    text = "\n".join([*lines[:first], *new, *kept]) + "\n"
    return (_PURE.sub("Root-Is-Purelib: false", text) if was_any else text).encode()


def _with_hashes(record: bytes, changed: Mapping[str, bytes]) -> bytes:
    """Return RECORD with the hashes and sizes of ``changed``, each line once, and without signatures."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in dict.fromkeys(map(tuple, csv.reader(record.decode().splitlines()))):
        if row and row[0] in changed:
            content = changed[row[0]]
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            writer.writerow((row[0], f"sha256={digest}", len(content)))
        elif row and not row[0].endswith(_SIGNATURES):
            writer.writerow(row)
    return text.getvalue().encode()
