"""Members with names that lead elsewhere, or that file systems do not take."""

from __future__ import annotations

import stat
from functools import partial
from typing import TYPE_CHECKING

from tests.wrong_wheels.changes import patched, pure, rewritten
from tests.wrong_wheels.kinds import WrongWheel

if TYPE_CHECKING:
    import zipfile
    from pathlib import Path

_OUTSIDE = "would be installed outside of the installation"
_DOTS = "has a path with empty parts or dots"
_CONTROL = "has a control character in its name"
_INVISIBLE = "has an invisible character in its name"
_LONG = "has a name that is longer than"
_WINDOWS = "has a backslash or a drive letter in its name"
_NAMES = {
    "an absolute path": ("/evil", _OUTSIDE),
    "a path upwards": ("a/../../evil", _OUTSIDE),
    "a path that only goes upwards": ("../evil.py", _OUTSIDE),
    "a path upwards and down again": ("probe/../other.py", _OUTSIDE),
    "a dotted path": ("probe/./x.py", _DOTS),
    "a path with an empty part": ("probe//x.py", _DOTS),
    "a path that begins with a dot": ("./x.py", _DOTS),
    "a path upwards with backslashes": ("..\\..\\evil.py", _WINDOWS),
    "a path with backslashes": ("probe\\x.py", _WINDOWS),
    "a drive letter": ("C:/evil.py", _WINDOWS),
    "a drive letter and backslashes": ("C:\\evil.py", _WINDOWS),
    "a share of a network": ("\\\\server\\evil.py", _WINDOWS),
    "a line end in a name": ("probe/a\nb", _CONTROL),
    "a carriage return in a name": ("probe/a\rb", _CONTROL),
    "an escape sequence in a name": ("probe/\x1b[2Ja", _CONTROL),
    "a rubout in a name": ("probe/a\x7f", _CONTROL),
    "a long name": (f"probe/{'x' * 256}", _LONG),
    "a long name in UTF-8": (f"probe/{'é' * 128}", _LONG),
    "a long path": ("/".join(["x" * 100] * 45), _LONG),
    "a space without width in a name": ("probe/a\u200bb.py", _INVISIBLE),
    "a second set of control characters in a name": ("probe/a\x9bb.py", _INVISIBLE),
    "a private character in a name": ("probe/a\ue000b.py", _INVISIBLE),
    "a name that turns the direction of writing": ("probe/a\u202egpj.py", _INVISIBLE),
}
_KINDS = {
    "a symbolic link": (stat.S_IFLNK, "is a symbolic link"),
    "a device": (stat.S_IFCHR, "is a device or a pipe"),
    "a block device": (stat.S_IFBLK, "is a device or a pipe"),
    "a pipe": (stat.S_IFIFO, "is a device or a pipe"),
    "a socket": (stat.S_IFSOCK, "is a device or a pipe"),
}


def _with(at: Path, name: str) -> Path:
    return pure(at, {name: b""})


def _of_kind(at: Path, kind: int) -> Path:
    def change(info: zipfile.ZipInfo) -> None:
        if info.filename.startswith("probe/"):
            info.external_attr = (kind | 0o777) << 16

    return rewritten(pure(at), each=change)


KINDS = (
    *(
        WrongWheel(name=what, make=partial(_with, name=name), finding="malformed-wheel", says=says)
        for what, (name, says) in _NAMES.items()
    ),
    *(
        WrongWheel(name=what, make=partial(_of_kind, kind=kind), finding="malformed-wheel", says=says)
        for what, (kind, says) in _KINDS.items()
    ),
    WrongWheel(
        name="NUL in a name",
        make=lambda at: patched(rewritten(pure(at), more={"probe/evil.py_x": b""}), b"evil.py_x", b"evil.py\0x"),
        finding="malformed-wheel",
        says=_CONTROL,
    ),
    WrongWheel(
        name="NUL ahead of a name",
        make=lambda at: patched(rewritten(pure(at), more={"evil.py": b""}), b"evil.py", b"\0vil.py"),
        finding="malformed-wheel",
        says=_CONTROL,
    ),
    WrongWheel(
        name="a name in another encoding",
        make=lambda at: patched(rewritten(pure(at), more={"probe/abc": b""}), b"probe/abc", b"probe/\xe9bc"),
        finding="malformed-wheel",
        says="has a name that is not UTF-8",
    ),
    WrongWheel(
        name="a file and a directory",
        make=partial(pure, more={"probe": b""}),
        finding="malformed-wheel",
        says="probe is both a file and a directory",
    ),
    WrongWheel(
        name="a directory in place of a file",
        make=lambda at: rewritten(pure(at), more={"probe/__init__.py/": b""}),
        finding="malformed-wheel",
        says="probe/__init__.py is both a file and a directory",
    ),
)
