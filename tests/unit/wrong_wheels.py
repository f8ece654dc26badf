"""Wheels with one fault each, for the tests of what is refused."""

from __future__ import annotations

import stat
import warnings
import zipfile
from typing import TYPE_CHECKING

from tests.unit.wheel_samples import SUFFIX, make_elf, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ABOUT = "probe-1.0.dist-info"
MODULE = {"probe/__init__.py": b"x = 1\n"}
EXTENSION = f"probe/_fast{SUFFIX}"


def rewritten(
    wheel: Path,
    changed: Mapping[str, bytes | None] | None = None,
    *,
    more: Mapping[str, bytes] | None = None,
    each: Callable[[zipfile.ZipInfo], None] = lambda _: None,
) -> Path:
    """Write ``wheel`` again with members ``changed`` (None: left out) and ``more``, and ``each`` entry changed."""
    with zipfile.ZipFile(wheel) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(wheel, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for info, content in members:
            new = (changed or {}).get(info.filename, content)
            if new is not None:
                each(info)
                archive.writestr(info, new)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return wheel


ANY = "py3-none-any"


def pure(directory: Path, **files: bytes) -> Path:
    """Return a good wheel."""
    return make_wheel(directory, {**MODULE, **{f"{ABOUT}/{name}.txt": text for name, text in files.items()}}, tag=ANY)


def patched(wheel: Path, old: bytes, new: bytes) -> Path:
    """Replace bytes of the archive itself."""
    content = wheel.read_bytes()
    assert old in content
    assert len(old) == len(new)
    wheel.write_bytes(content.replace(old, new))
    return wheel


def encrypted(wheel: Path) -> Path:
    """Set the flag in the headers of each member, as archivers do."""
    content = bytearray(wheel.read_bytes())
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(magic)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(magic, at + 1)
    wheel.write_bytes(content)
    return wheel


def cut(wheel: Path, size: int) -> Path:
    wheel.write_bytes(wheel.read_bytes()[:size])
    return wheel


def damaged(wheel: Path) -> Path:
    """Flip a bit of a member, which its check sum then does not fit."""
    content = bytearray(wheel.read_bytes())
    content[content.index(b"probe/__init__.py") + 20] ^= 4
    wheel.write_bytes(content)
    return wheel


def link(info: zipfile.ZipInfo) -> None:
    info.external_attr = (stat.S_IFLNK | 0o777) << 16


def record_of(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"{ABOUT}/RECORD")


def with_record(wheel: Path, old: bytes, new: bytes) -> Path:
    record = record_of(wheel)
    assert old in record
    return rewritten(wheel, {f"{ABOUT}/RECORD": record.replace(old, new)})


def without_hashes(wheel: Path, *names: str) -> Path:
    """Return the wheel without the hashes of those files in RECORD, or without any."""
    rows = [row.split(",") for row in record_of(wheel).decode().splitlines()]
    kept = [[name, *([""] * 2 if not names or name in names else told)] for name, *told in rows]
    return rewritten(wheel, {f"{ABOUT}/RECORD": "".join(f"{','.join(row)}\n" for row in kept).encode()})


def foreign(directory: Path) -> Path:
    return make_wheel(directory, {EXTENSION: make_elf("x86_64", defines=["PyInit__fast"])})


AUDITED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "foreign code": (foreign, "is x86_64 code, but the host is aarch64"),
    "foreign code for any machine": (
        lambda at: make_wheel(at, {"probe/_fast.so": make_elf("x86_64", defines=["PyInit__fast"])}, tag=ANY),
        "is x86_64 code, but the host is aarch64",
    ),
    "another Python": (
        lambda at: make_wheel(at, MODULE, tag="cp312-cp312-linux_aarch64"),
        "its Python tags (cp312-cp312) are not for the host's Python 3.11",
    ),
    "another machine": (
        lambda at: make_wheel(at, MODULE, tag="cp311-cp311-linux_x86_64"),
        "its platform tag linux_x86_64 is not for aarch64",
    ),
    "a newer C library": (
        lambda at: make_wheel(at, {EXTENSION: make_elf(versions={("libc.so.6", "GLIBC_2.38"): ["x"]})}),
        "needs GLIBC_2.38 (x), but the host has glibc 2.36",
    ),
    "WHEEL of another machine": (
        lambda at: make_wheel(at, MODULE, stated=["cp311-cp311-linux_x86_64"]),
        "the tags of its WHEEL file (cp311-cp311-linux_x86_64) are not those of its name",
    ),
    "a wrong hash": (
        lambda at: rewritten(pure(at), {"probe/__init__.py": b"x = 2\n"}),
        "probe/__init__.py: does not match RECORD: its hash differs",
    ),
    "a wrong size": (
        lambda at: with_record(pure(at), b",6\n", b",7\n"),
        "probe/__init__.py: does not match RECORD: it has 6 bytes and not 7",
    ),
    "a weak hash": (
        lambda at: with_record(pure(at), b"__init__.py,sha256=", b"__init__.py,md5="),
        "probe/__init__.py: has a hash in RECORD that proves nothing (md5)",
    ),
    "no hash": (
        lambda at: without_hashes(pure(at), "probe/__init__.py"),
        "probe/__init__.py: has no hash in RECORD",
    ),
    "an unlisted file": (
        lambda at: make_wheel(at, MODULE, tag=ANY, unrecorded={"probe/extra.py": b""}),
        "probe/extra.py: is not mentioned in RECORD",
    ),
    "a file twice in RECORD": (
        lambda at: with_record(pure(at), b"probe/__init__.py,", b"probe/__init__.py,sha256=x,1\nprobe/__init__.py,"),
        "probe/__init__.py: is named in RECORD twice",
    ),
    "a file outside in RECORD": (
        lambda at: with_record(pure(at), b"probe/__init__.py,", b"/etc/passwd,sha256=x,1\nprobe/__init__.py,"),
        "/etc/passwd: is named in RECORD but is not in the wheel",
    ),
    "METADATA of another version": (
        lambda at: rewritten(pure(at), {f"{ABOUT}/METADATA": b"Metadata-Version: 2.1\nName: probe\nVersion: 2.0\n"}),
        "its METADATA is of probe 2.0, unlike its file name",
    ),
    "METADATA of another project": (
        lambda at: rewritten(pure(at), {f"{ABOUT}/METADATA": b"Metadata-Version: 2.1\nName: other\nVersion: 1.0\n"}),
        "its METADATA is of other 1.0, unlike its file name",
    ),
}
"""Wheels that the audit refuses, each with what it says."""


def _text(at: Path, name: str, content: bytes | None) -> Path:
    return rewritten(pure(at), {f"{ABOUT}/{name}": content})


def _scripts(at: Path, lines: bytes) -> Path:
    return pure(at, entry_points=b"[console_scripts]\n" + lines)


def _moved(at: Path, directory: str) -> Path:
    wheel = pure(at)
    with zipfile.ZipFile(wheel) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace(ABOUT, directory), content)
    return wheel


def _garbage(at: Path) -> Path:
    wheel = pure(at)
    wheel.write_bytes(b"<html>404</html>")
    return wheel


MALFORMED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no archive": (_garbage, "File is not a zip file"),
    "nothing": (lambda at: cut(pure(at), 0), "File is not a zip file"),
    "cut off": (lambda at: cut(pure(at), 300), "File is not a zip file"),
    "a check sum": (
        lambda at: damaged(rewritten(pure(at), each=lambda info: setattr(info, "compress_type", 0))),
        "CRC",
    ),
    "encrypted": (lambda at: encrypted(pure(at)), "probe/__init__.py is encrypted"),
    "an unknown compression": (
        lambda at: patched(
            rewritten(pure(at), each=lambda info: setattr(info, "compress_type", zipfile.ZIP_BZIP2)),
            b"\x2e\x00\x00\x00\x0c",
            b"\x2e\x00\x00\x00\x63",
        ),
        "is compressed by method 99, and not all installers read that",
    ),
    "compressed by bzip2": (
        lambda at: rewritten(pure(at), each=lambda info: setattr(info, "compress_type", zipfile.ZIP_BZIP2)),
        "is compressed by bzip2, and not all installers read that",
    ),
    "compressed by LZMA": (
        lambda at: rewritten(pure(at), each=lambda info: setattr(info, "compress_type", zipfile.ZIP_LZMA)),
        "is compressed by LZMA, and not all installers read that",
    ),
    "a member twice": (
        lambda at: rewritten(pure(at), more={"probe/__init__.py": b""}),
        "probe/__init__.py is in it 2 times",
    ),
    "a file and a directory": (
        lambda at: rewritten(pure(at), more={"probe": b""}),
        "probe is both a file and a directory",
    ),
    "an absolute path": (lambda at: rewritten(pure(at), more={"/evil": b""}), "/evil would be installed outside"),
    "a path upwards": (lambda at: rewritten(pure(at), more={"a/../../evil": b""}), "would be installed outside"),
    "a dotted path": (lambda at: rewritten(pure(at), more={"probe/./x.py": b""}), "a path with empty parts or dots"),
    "NUL in a name": (
        lambda at: patched(rewritten(pure(at), more={"probe/evil.py_x": b""}), b"evil.py_x", b"evil.py\0x"),
        "has a control character in its name",
    ),
    "NUL ahead of a name": (
        lambda at: patched(rewritten(pure(at), more={"evil.py": b""}), b"evil.py", b"\0vil.py"),
        "has a control character in its name",
    ),
    "a line end in a name": (lambda at: rewritten(pure(at), more={"probe/a\nb": b""}), "has a control character"),
    "a long name": (lambda at: rewritten(pure(at), more={f"probe/{'x' * 256}": b""}), "longer than the 255 bytes"),
    "a long name in UTF-8": (lambda at: rewritten(pure(at), more={f"probe/{'é' * 128}": b""}), "longer than the 255"),
    "a name in another encoding": (
        lambda at: patched(rewritten(pure(at), more={"probe/abc": b""}), b"probe/abc", b"probe/\xe9bc"),
        "has a name that is not UTF-8",
    ),
    "a symbolic link": (lambda at: rewritten(pure(at), each=link), "is a symbolic link"),
    "no WHEEL": (lambda at: _text(at, "WHEEL", None), f"it has no {ABOUT}/WHEEL"),
    "no METADATA": (lambda at: _text(at, "METADATA", None), f"it has no {ABOUT}/METADATA"),
    "no RECORD": (lambda at: _text(at, "RECORD", None), f"it has no {ABOUT}/RECORD"),
    "an empty METADATA": (lambda at: _text(at, "METADATA", b""), "its METADATA is empty"),
    "METADATA in another encoding": (lambda at: _text(at, "METADATA", b"Name: \xe9\n"), "its METADATA is not UTF-8"),
    "WHEEL in another encoding": (lambda at: _text(at, "WHEEL", b"Wheel-Version: \xe9\n"), "its WHEEL is not UTF-8"),
    "a version of wheels to come": (lambda at: _text(at, "WHEEL", b"Wheel-Version: 2.0\n"), "its Wheel-Version is 2.0"),
    "no version of wheels": (lambda at: _text(at, "WHEEL", b"Tag: py3-none-any\n"), "its Wheel-Version is missing"),
    "a long line in WHEEL": (
        lambda at: _text(at, "WHEEL", b"Wheel-Version: 1.0\nTag: " + b"x" * 2000 + b"\n"),
        "its WHEEL has a line of 2005 bytes, which is longer than any wheel needs",
    ),
    "a script with a long name": (
        lambda at: _scripts(at, b"x = a:b" + b" " * 2000 + b"[\n"),
        "its entry_points.txt has a line of 2008 bytes, which is longer than any wheel needs",
    ),
    "RECORD with two columns": (lambda at: _text(at, "RECORD", b"a,b\n"), "line 1 is not a path, a hash and a size"),
    "RECORD with no digest": (lambda at: _text(at, "RECORD", b"a,sha256,1\n"), "a hash that is not algorithm=digest"),
    "RECORD with no number": (lambda at: _text(at, "RECORD", b"a,sha256=x,1k\n"), "a size that is not a number: 1k"),
    "no dist-info": (lambda at: _moved(at, "probe-1.0.info"), "one .dist-info directory, and has none"),
    "two dist-infos": (
        lambda at: rewritten(pure(at), more={"other-1.0.dist-info/METADATA": b""}),
        "it must have one .dist-info directory, and has several",
    ),
    "dist-info of another project": (
        lambda at: _moved(at, "other-1.0.dist-info"),
        "other-1.0.dist-info does not match its file name, which says probe 1.0",
    ),
    "dist-info of another version": (lambda at: _moved(at, "probe-2.0.dist-info"), "does not match its file name"),
    "an unknown kind of data": (
        lambda at: make_wheel(at, {"probe-1.0.data/lib/x": b""}, tag=ANY),
        "probe-1.0.data/lib is not one of data, headers, platlib, purelib, scripts",
    ),
    "data of another version": (
        lambda at: make_wheel(at, {"probe-2.0.data/data/x": b""}, tag=ANY),
        "it must be probe-1.0.data",
    ),
    "a script without a function": (lambda at: _scripts(at, b"probe = probe\n"), "that is not name = module:function"),
    "a script without a value": (lambda at: _scripts(at, b"probe\n"), "its entry_points.txt cannot be read"),
    "a script twice": (lambda at: _scripts(at, b"a = a:b\na = a:b\n"), "its entry_points.txt cannot be read"),
    "a script elsewhere": (lambda at: _scripts(at, b"../../x = a:b\n"), "a script named '../../x'"),
    "a script that cannot be imported": (lambda at: _scripts(at, b"x = a.1b:c\n"), "which Python cannot import"),
    "scripts without a section": (
        lambda at: pure(at, entry_points=b"x = a:b\n"),
        "its entry_points.txt cannot be read",
    ),
    "scripts with interpolation": (lambda at: _scripts(at, b"x = %(y)s\n"), "its entry_points.txt cannot be read"),
    "scripts in another encoding": (lambda at: _scripts(at, b"x = \xe9:b\n"), "its entry_points.txt is not UTF-8"),
}
"""Wheels that no installer should take, each with what is said."""
