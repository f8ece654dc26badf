"""Each kind of wrong wheel is found, and by the rule that is meant for it."""

from __future__ import annotations

import io
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from crossbuild.host.reading.magic_numbers import RELEASES, is_read_by, python_of
from crossbuild.wheels.check import check_wheel
from crossbuild.wheels.findings import RefusedWheelError
from crossbuild.wheels.rules import RULES
from tests.unit.wheel_samples import make_wheel
from tests.wrong_wheels import GROUPS, WRONG_WHEELS
from tests.wrong_wheels.changes import ANY, DATA, MODULE, inserted, native, pure, rewritten
from tests.wrong_wheels.containers import with_wide_end
from tests.wrong_wheels.kinds import HOST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.wheels.findings import WheelFinding

OF_ROOT = {
    *("missing-interpreter", "missing-library", "foreign-library", "older-library", "newer-library", "missing-symbol"),
}
"""Rules that compare a wheel with a root of the host; their tests have one."""
OF_BUILDER = {"foreign-run-path"}
"""Faults that only whoever builds a wheel must mend: the check warns of them."""
OF_BUILD = {"missing-extension", "lost-library", "build-path", "build-path-in-script"}
"""Rules that compare a wheel with the build that it comes from."""


def findings(wheel: Path) -> tuple[WheelFinding, ...]:
    try:
        return check_wheel(wheel, HOST).findings
    except RefusedWheelError as error:
        return error.findings


@pytest.mark.parametrize("name", WRONG_WHEELS)
def test_a_wrong_wheel_is_found_by_the_rule_for_it(name: str, tmp_path: Path) -> None:
    kind = WRONG_WHEELS[name]
    wheel = kind.make(tmp_path)
    if kind.severity == "error" and kind.finding not in OF_BUILDER:
        with pytest.raises(RefusedWheelError) as caught:
            check_wheel(wheel, kind.host)
        found = caught.value.findings
    else:
        found = check_wheel(wheel, kind.host).findings
    assert [one for one in found if one.id == kind.unread or (one.id == kind.finding and kind.says in str(one))], found


def test_the_collection_has_a_kind_for_every_rule() -> None:
    assert len(WRONG_WHEELS) == sum(map(len, GROUPS.values())), "two kinds have one name"
    assert len(WRONG_WHEELS) >= 220
    found = {rule for kind in WRONG_WHEELS.values() for rule in (kind.finding, kind.built)} - {""}
    assert found == {*RULES} - OF_ROOT - OF_BUILD


def test_faults_of_machine_code_are_those_of_its_groups() -> None:
    binary = {group for group, kinds in GROUPS.items() if any(kind.binary for kind in kinds)}
    assert binary == {"binaries", "elf_files", "machines", "libraries", "programs", "risks", "symbols", "tags"}


def streamed(at: Path) -> Path:
    """Return a wheel that was written to a pipe: sizes follow the members."""
    wheel = pure(at)
    with zipfile.ZipFile(wheel) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    wheel.write_bytes(pipe.getvalue())
    return wheel


def large(at: Path) -> Path:
    """Return a wheel with the fields that large members need."""
    wheel = pure(at)
    with zipfile.ZipFile(wheel) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in members.items():
            with archive.open(name, "w", force_zip64=True) as stream:
                stream.write(content)
    return wheel


def commented(at: Path) -> Path:
    wheel = pure(at)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.comment = b"built by hand"
    return wheel


def bytecode(number: int, flags: int = 0) -> bytes:
    return number.to_bytes(2, "little") + b"\r\n" + flags.to_bytes(4, "little") + bytes(8) + b"\xe3code"


OWN = bytecode(3495)
GOOD: dict[str, Callable[[Path], Path]] = {
    "pure": pure,
    "with an extension": native,
    "written to a pipe": streamed,
    "with the fields of large archives": large,
    "with the end of large archives": lambda at: with_wide_end(pure(at)),
    "with a comment": commented,
    "with directories": lambda at: rewritten(pure(at), more={"probe/": b"", "probe/deep/": b""}),
    "with nothing but metadata": lambda at: make_wheel(at, {}, tag=ANY, pure=True),
    "with a file for each kind of data": lambda at: pure(
        at, {f"{DATA}/{kind}/{kind}": b"#!python\n" for kind in ("purelib", "platlib", "headers", "scripts", "data")}
    ),
    "with scripts": lambda at: pure(
        at,
        {f"{DATA}/scripts/a": b"#!/usr/bin/env python3\n", f"{DATA}/scripts/b": b"#! /bin/sh\n"},
        entry_points=b"[console_scripts]\nc = probe.cli:main\nd = probe:Main.run [more]\n[gui_scripts]\ne = probe:f\n",
    ),
    "with a module of bytecode": lambda at: pure(at, {"probe/lone.pyc": OWN, "probe/checked.pyc": bytecode(3495, 3)}),
    "with bytecode beside its source": lambda at: pure(at, {"probe/__init__.pyc": bytecode(3439)}),
    "with kept bytecode": lambda at: pure(at, {"probe/__pycache__/__init__.cpython-311.pyc": OWN}),
    "with kept bytecode of others": lambda at: pure(
        at, {"probe/__pycache__/__init__.cpython-312.pyc": bytecode(3531), "probe/__pycache__/x.pypy39.pyc": b""}
    ),
    "with bytecode as data": lambda at: pure(at, {"probe/test-data/3.8.pyc": bytecode(3413)}),
    "with names of other scripts": lambda at: pure(at, {"probe/größe.txt": b"", "probe/尺寸 (1).txt": b""}),
    "with all of the metadata": lambda at: make_wheel(
        at,
        {**MODULE, "probe-1.0.dist-info/licenses/LICENSE": b"MIT"},
        tag=ANY,
        pure=True,
        metadata="Metadata-Version: 2.4\nName: Probe\nVersion: 1.0.0\nSummary: x\nRequires-Python: >=3.8\n"
        "Provides-Extra: more\nRequires-Dist: x>=1; extra == 'more'\nRequires-Dist: y @ https://y.example/y.zip\n"
        "License-Expression: MIT OR Apache-2.0\nLicense-File: LICENSE\nDynamic: Summary\n"
        "Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM\nProject-URL: Home, https://x.example\n"
        "Project-URL: Bugs, https://x.example/bugs\n\nAll about it.\n",
    ),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_wheel_is_not_found_fault_with(kind: str, tmp_path: Path) -> None:
    assert findings(GOOD[kind](tmp_path)) == ()


def test_a_hidden_member_is_hidden_from_nobody(tmp_path: Path) -> None:
    wheel = pure(tmp_path)
    (found,) = findings(inserted(wheel, 0, b"PK\3\4" + bytes(26)))
    assert (found.id, found.text) == ("ambiguous-archive", "it has 30 bytes outside of its members")


def test_the_magic_number_of_this_python_is_known() -> None:
    from importlib.util import MAGIC_NUMBER

    number = int.from_bytes(MAGIC_NUMBER[:2], "little")
    assert python_of(number) == sys.version_info[:2]
    assert is_read_by(number, sys.version_info[:2])


def test_the_magic_numbers_of_releases_are_of_their_versions() -> None:
    assert {number: python_of(number) for number in RELEASES} == RELEASES
    assert not is_read_by(3494, (3, 11)), "a pre-release's"
    assert is_read_by(3705, (3, 16)), "as far as is known"
    assert not is_read_by(3705, (3, 17))
