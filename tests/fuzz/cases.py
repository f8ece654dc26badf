"""One damaged file, made of a good one by a seed and a number."""

from __future__ import annotations

import base64
import hashlib
import io
import warnings
import zipfile
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Literal

from tests.fuzz.mutations import mutated, with_other_lines
from tests.fuzz.samples import sample_elf

if TYPE_CHECKING:
    from tests.fuzz.samples import Sample, Samples

Reader = Literal["ELF file", "static library", "wheel"]
_READERS: tuple[Reader, ...] = ("ELF file", "static library", "wheel")
_SHARES = (40, 10, 50)
_TEXTS = ("METADATA", "WHEEL", "RECORD", "entry_points.txt")
_ODD_NAMES = (
    *(
        "../x",
        "/x",
        "a/./b",
        "a//b",
        "x\n",
        "x" * 300,
        "a/" * 3000 + "b",
        "é.py",
        "probe",
        "\udce9",
        "probe.so.1",
        "a.so",
    ),
    *("other-1.0.dist-info/METADATA", "probe-2.0.data/scripts/x", "a.dist-info", "x/__init__.py/y", "con\\..\\x", " "),
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file, and what is to read it."""

    reader: Reader
    name: str
    content: bytes


def make_case(samples: Samples, *, seed: int, number: int) -> Case:
    """Return the case of that ``number``, always the same."""
    random = Random(f"{seed}:{number}")
    reader = random.choices(_READERS, _SHARES)[0]
    if reader == "wheel":
        wheel = random.choice(samples.wheels)
        return Case(reader=reader, name=wheel.name, content=_damaged_wheel(wheel, random))
    sample = random.choice(samples.elf_files if reader == "ELF file" else samples.archives)
    return Case(reader=reader, name=sample.name, content=mutated(sample.content, sample.structure, random))


def _damaged_wheel(wheel: Sample, random: Random) -> bytes:
    """Change the archive itself, or what it holds, in an archive and a RECORD that are right."""
    if random.random() < 0.3:
        return mutated(wheel.content, wheel.structure, random)
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    texts = [name for name in members if ".dist-info/" in name and name.endswith(_TEXTS)]
    binaries = [name for name in members if name not in texts and members[name]]
    chosen = random.choice(texts if random.random() < 0.5 or not binaries else binaries)
    if chosen in texts:
        changed = with_other_lines(members[chosen], random)
    elif members[chosen].startswith(b"\x7fELF"):
        changed = mutated(members[chosen], sample_elf(members[chosen]).structure, random)
    else:
        changed = mutated(members[chosen], (), random)
    more = {random.choice(_ODD_NAMES): random.choice((b"", changed))} if random.random() < 0.1 else {}
    return _packed({**members, chosen: changed, **more}, recorded=not chosen.endswith("RECORD"), random=random)


def _packed(members: dict[str, bytes], *, recorded: bool, random: Random) -> bytes:
    if recorded:
        record = next(name for name in members if name.endswith(".dist-info/RECORD"))
        rows = [f"{name},{_hash(content)},{len(content)}" for name, content in members.items() if name != record]
        members[record] = "\n".join([*rows, f"{record},,", ""]).encode(errors="surrogateescape")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in members.items():
            info = zipfile.ZipInfo(name.encode(errors="replace").decode())
            info.external_attr = random.choice((0o100644, 0o100644, 0o100755, 0)) << 16
            archive.writestr(info, content, random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
    return packed.getvalue()


def _hash(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
