"""A WHEEL file or a ``.dist-info`` directory that installers do not take."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.unit.wheel_samples import make_wheel
from tests.wrong_wheels.changes import ABOUT, ANY, MODULE, pure, renamed, rewritten
from tests.wrong_wheels.kinds import WrongWheel

if TYPE_CHECKING:
    from pathlib import Path

_REST = b"Root-Is-Purelib: true\nTag: py3-none-any\n"
_MALFORMED = {
    "WHEEL in another encoding": (b"Wheel-Version: \xe9\n", "its WHEEL is not UTF-8"),
    "an empty WHEEL": (b"\n", "its WHEEL is empty"),
    "a version of wheels to come": (b"Wheel-Version: 2.0\n" + _REST, "its Wheel-Version is 2.0"),
    "a version of wheels before the first": (b"Wheel-Version: 0.1\n" + _REST, "its Wheel-Version is 0.1"),
    "a version of wheels that is no number": (b"Wheel-Version: 1.x\n" + _REST, "its Wheel-Version is 1.x"),
    "no version of wheels": (_REST, "its Wheel-Version is missing"),
    "fields of WHEEL in capitals": (b"WHEEL-VERSION: 1.0\n" + _REST, "its Wheel-Version is missing"),
    "WHEEL that begins with its body": (b"\nWheel-Version: 1.0\n" + _REST, "its Wheel-Version is missing"),
    "a long line in WHEEL": (
        b"Wheel-Version: 1.0\nTag: " + b"x" * 2000 + b"\n",
        "its WHEEL has a line of 2005 bytes, which is longer than any wheel needs",
    ),
    "WHEEL that is no list of fields": (b"Wheel-Version 1.0\n" + _REST, "its Wheel-Version is missing"),
}
_DIRECTORIES = {
    "no .dist-info": ("probe-1.0.info", "it must have one .dist-info directory, and has none"),
    ".dist-info of another project": (
        "other-1.0.dist-info",
        "other-1.0.dist-info does not match its file name, which says probe 1.0",
    ),
    ".dist-info of another version": ("probe-2.0.dist-info", "does not match its file name"),
    ".dist-info without a version": ("probe.dist-info", "does not match its file name"),
    ".dist-info in capitals": ("probe-1.0.DIST-INFO", "it must have one .dist-info directory, and has none"),
    ".dist-info below another directory": (f"probe/{ABOUT}", "it must have one .dist-info directory, and has none"),
}


def _wheel(at: Path, content: bytes | None) -> Path:
    return rewritten(pure(at), {f"{ABOUT}/WHEEL": content})


def _moved(at: Path, directory: str) -> Path:
    return renamed(pure(at), ABOUT, directory)


KINDS = (
    WrongWheel(name="no WHEEL", make=partial(_wheel, content=None), finding="malformed-wheel", says="it has no"),
    *(
        WrongWheel(name=what, make=partial(_wheel, content=content), finding="malformed-wheel", says=says)
        for what, (content, says) in _MALFORMED.items()
    ),
    *(
        WrongWheel(
            name=f"WHEEL that {what}",
            make=partial(make_wheel, files=MODULE, tag=ANY, purelib=purelib),
            finding="invalid-metadata",
            says="it must be true or false",
        )
        for what, purelib in (
            ("does not say where files go", ""),
            ("says that they may go anywhere", "maybe"),
            ("says 1", "1"),
        )
    ),
    *(
        WrongWheel(name=what, make=partial(_moved, directory=directory), finding="malformed-wheel", says=says)
        for what, (directory, says) in _DIRECTORIES.items()
    ),
    WrongWheel(
        name="two .dist-infos",
        make=lambda at: rewritten(pure(at), more={"other-1.0.dist-info/METADATA": b""}),
        finding="malformed-wheel",
        says="it must have one .dist-info directory, and has several",
    ),
    WrongWheel(
        name="two .dist-infos of the project",
        make=lambda at: rewritten(pure(at), more={"Probe-1.0.dist-info/METADATA": b""}),
        finding="malformed-wheel",
        says="it must have one .dist-info directory, and has several",
    ),
)
