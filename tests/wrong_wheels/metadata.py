"""METADATA that is another project's, or that installers or indexes cannot read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.unit.wheel_samples import make_wheel
from tests.wrong_wheels.changes import ABOUT, ANY, MODULE, pure, rewritten
from tests.wrong_wheels.kinds import WrongWheel

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS = {
    "another version": ("Name: probe\nVersion: 2.0", "its METADATA is of probe 2.0, unlike its file name"),
    "a local version": ("Name: probe\nVersion: 1.0+local", "its METADATA is of probe 1.0+local"),
    "another project": ("Name: other\nVersion: 1.0", "its METADATA is of other 1.0, unlike its file name"),
    "no project": ("Version: 1.0", "its METADATA is of no name 1.0"),
    "no version": ("Name: probe", "its METADATA is of probe without a version"),
    "a version that is none": ("Name: probe\nVersion: one", "its METADATA is of probe one"),
    "a project with an empty name": ("Name:\nVersion: 1.0", "its METADATA is of no name 1.0"),
}
_VERSIONS = {
    "to come": ("Metadata-Version: 3.0", "is of version 3.0; installers take 1.x and 2.x"),
    "that is no number": ("Metadata-Version: new", "is of version new"),
    "that is not said": ("", "does not say its Metadata-Version"),
}
_PYTHONS = (">=3.12", "<3.11", "==3.10.*", "!=3.11.*", ">=3.11.3", ">=3.8,<3.11", ">=4", "===3.11")
_UNREADABLE = {
    "a Python that cannot be read": ("Requires-Python: three", "requires a Python that cannot be read: three"),
    "a Python with a star in the middle": ("Requires-Python: >=3.*", "requires a Python that cannot be read"),
    "a Python without a comma": ("Requires-Python: >=3.8 <4", "requires a Python that cannot be read"),
    "a requirement that is not closed": ("Requires-Dist: numpy (>1", "has a requirement that cannot be read"),
    "a requirement with a marker that is none": ("Requires-Dist: numpy; python == 3", "has a requirement that cannot"),
    "a requirement that is a path": ("Requires-Dist: ./here", "has a requirement that cannot be read: ./here"),
    "a requirement with a version that is none": ("Requires-Dist: numpy>=new", "has a requirement that cannot be read"),
    "an empty requirement": ("Requires-Dist:", "has a requirement that cannot be read"),
    "a requirement that is an option": ("Requires-Dist: -r more.txt", "has a requirement that cannot be read"),
    "a requirement on two lines": ("Requires-Dist: numpy,\n  scipy", "has a requirement that cannot be read"),
}
_NONSTANDARD = {
    "an extra with a name that is none": ("Provides-Extra: -a", "provides-extra"),
    "a name that is dynamic": ("Metadata-Version: 2.2\nDynamic: Name", "dynamic"),
    "a field that there is not as dynamic": ("Metadata-Version: 2.2\nDynamic: Colour", "dynamic"),
    "a license that is no expression": ("License-Expression: Use it well", "license-expression"),
    "a license that there is not": ("License-Expression: MIT-9", "license-expression"),
    "a license file outside": ("License-File: ../LICENSE", "license-file"),
    "a license file with an absolute path": ("License-File: /LICENSE", "license-file"),
    "a description of another kind": ("Description-Content-Type: text/html", "description-content-type"),
    "a description in another encoding": (
        "Description-Content-Type: text/plain; charset=latin-1",
        "description-content-type",
    ),
    "a summary twice": ("Summary: a\nSummary: b", "summary"),
    "a link without a label": ("Project-URL: https://probe.example\nProject-URL: https://probe.example", "project-url"),
}
_ENCODINGS = {
    "Latin-1": "Metadata-Version: 2.1\nName: probe\nVersion: 1.0\nAuthor: José\n".encode("latin-1"),
    "UTF-16": "Metadata-Version: 2.1\nName: probe\nVersion: 1.0\n".encode("utf-16"),
    "no text": b"Name: \xe9\n",
}


def _metadata(at: Path, *lines: str, version: str = "Metadata-Version: 2.1") -> Path:
    text = "\n".join(line for line in (version, *lines, "") if line)
    return make_wheel(at, MODULE, tag=ANY, pure=True, metadata=f"{text}\n")


def _with_line(at: Path, line: str) -> Path:
    version = "" if line.startswith("Metadata-Version") else "Metadata-Version: 2.4"
    return _metadata(at, *line.splitlines()[:1], "Name: probe\nVersion: 1.0", *line.splitlines()[1:], version=version)


def _metadata_of(at: Path, lines: str) -> Path:
    return _metadata(at, lines)


def _versioned(at: Path, line: str) -> Path:
    return _metadata(at, "Name: probe\nVersion: 1.0", version=line)


def _text(at: Path, content: bytes | None) -> Path:
    return rewritten(pure(at), {f"{ABOUT}/METADATA": content})


KINDS = (
    *(
        WrongWheel(
            name=f"METADATA of {whose}",
            make=partial(_metadata_of, lines=lines),
            finding="metadata-mismatch",
            says=says,
        )
        for whose, (lines, says) in _OTHERS.items()
    ),
    *(
        WrongWheel(
            name=f"METADATA of a version {which}",
            make=partial(_versioned, line=line),
            finding="invalid-metadata",
            says=says,
        )
        for which, (line, says) in _VERSIONS.items()
    ),
    *(
        WrongWheel(
            name=f"a wheel for Python {wanted}",
            make=partial(_with_line, line=f"Requires-Python: {wanted}"),
            finding="wrong-python",
            says=f"requires Python {wanted}, and the host has 3.11.2",
        )
        for wanted in _PYTHONS
    ),
    *(
        WrongWheel(name=what, make=partial(_with_line, line=line), finding="invalid-metadata", says=says)
        for what, (line, says) in _UNREADABLE.items()
    ),
    *(
        WrongWheel(name=what, make=partial(_with_line, line=line), finding="nonstandard-metadata", says=says)
        for what, (line, says) in _NONSTANDARD.items()
    ),
    WrongWheel(
        name="a name twice",
        make=partial(_with_line, line="Name: other"),
        finding="metadata-mismatch",
        says="unlike its file name",
    ),
    WrongWheel(
        name="a version twice",
        make=partial(_with_line, line="Version: 2.0"),
        finding="metadata-mismatch",
        says="unlike its file name",
    ),
    WrongWheel(
        name="a license file that is missing",
        make=partial(_with_line, line="License-File: LICENSE"),
        finding="missing-license-file",
        says="LICENSE",
    ),
    WrongWheel(name="no METADATA", make=partial(_text, content=None), finding="malformed-wheel", says="it has no"),
    WrongWheel(
        name="an empty METADATA",
        make=partial(_text, content=b""),
        finding="malformed-wheel",
        says="its METADATA is empty",
    ),
    WrongWheel(
        name="METADATA that begins with its body",
        make=partial(_text, content=b"\nMetadata-Version: 2.1\nName: probe\nVersion: 1.0\n"),
        finding="metadata-mismatch",
        says="its METADATA is of no name without a version",
    ),
    *(
        WrongWheel(
            name=f"METADATA in {encoding}",
            make=partial(_text, content=content),
            finding="malformed-wheel",
            says="its METADATA is not UTF-8 text",
        )
        for encoding, content in _ENCODINGS.items()
    ),
)
