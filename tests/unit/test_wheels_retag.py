"""The delivered file: its name, its tags, its bytes, its place."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from installer.sources import WheelFile

from crossbuild.errors import AuditError
from crossbuild.wheels.retag import finish_wheel
from crossbuild.wheels.wheel_contents import read_wheel
from tests.audited import audited
from tests.unit.wheel_samples import make_elf, make_host, make_wheel
from tests.wrong_wheels.changes import ABOUT, rewritten
from tests.wrong_wheels.containers import damaged

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"probe/x.so": make_elf(), "probe/__init__.py": b"import sys\n", "probe/a,b.txt": b"x"}
OLD = make_host("manylinux_2_17_aarch64")
DATE = 1_700_000_000


def finish(wheel: Path, destination: Path, tag: str = "manylinux_2_17_aarch64") -> Path:
    report = audited(wheel, make_host(tag))
    return finish_wheel(wheel, report=report, destination=destination, date=DATE)


def test_name_and_metadata_get_the_new_tags_and_record_agrees(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, FILES, tag="cp38.cp39-abi3-linux_aarch64")
    final = finish(wheel, tmp_path / "dist")
    assert final.name == "probe-1.0-cp38.cp39-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64.whl"
    assert final.parent == tmp_path / "dist"
    with WheelFile.open(final) as source:
        source.validate_record(validate_contents=True)
        metadata = source.read_dist_info("WHEEL").splitlines()
    assert metadata[:3] == ["Wheel-Version: 1.0", "Generator: probe 1", "Root-Is-Purelib: false"]
    assert sorted(metadata[3:]) == sorted(
        f"Tag: {python}-abi3-{platform}"
        for python in ("cp38", "cp39")
        for platform in ("manylinux2014_aarch64", "manylinux_2_17_aarch64")
    )
    assert audited(final, OLD).platform_tags


def test_members_are_sorted_with_the_metadata_last_and_have_one_date_and_plain_permissions(tmp_path: Path) -> None:
    files = {"probe/z.py": b"", "probe/x.so": make_elf(), "a.py": b"", "probe-1.0.data/scripts/probe": b"#!python\n"}
    with zipfile.ZipFile(finish(make_wheel(tmp_path, files), tmp_path / "dist")) as archive:
        about = [f"{ABOUT}/{name}" for name in ("METADATA", "WHEEL", "RECORD")]
        assert archive.namelist() == [*sorted(files), *about]
        assert {info.date_time for info in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        assert modes.pop("probe-1.0.data/scripts/probe") == 0o100755
        assert set(modes.values()) == {0o100644}
        assert {name: archive.read(name) for name in files} == files


def test_order_times_and_permissions_that_the_backend_gave_change_no_byte(tmp_path: Path) -> None:
    def made_otherwise(info: zipfile.ZipInfo) -> None:
        info.date_time, info.external_attr, info.create_system = (2001, 1, 1, 1, 1, 2), 0o100600 << 16, 0

    one = finish(make_wheel(tmp_path, FILES), tmp_path / "one").read_bytes()
    other = rewritten(make_wheel(tmp_path, dict(reversed(FILES.items()))), each=made_otherwise)
    assert finish(other, tmp_path / "other").read_bytes() == one


def test_a_date_before_the_first_of_zip_archives_is_that(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, FILES)
    final = finish_wheel(wheel, report=audited(wheel, OLD), destination=tmp_path / "dist", date=0)
    with zipfile.ZipFile(final) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_same_wheel_gives_the_same_bytes(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, FILES)
    first, second = finish(wheel, tmp_path / "a"), finish(wheel, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


def test_a_wheel_that_has_its_tag_already_keeps_its_name_and_content(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, FILES)
    final = finish(wheel, tmp_path / "dist", "linux_aarch64")
    with zipfile.ZipFile(wheel) as before, zipfile.ZipFile(final) as after:
        assert final.name == wheel.name
        about = [f"{ABOUT}/{name}" for name in ("METADATA", "WHEEL")]
        assert [after.read(name) for name in (*FILES, *about)] == [before.read(name) for name in (*FILES, *about)]
    assert not read_wheel(final).problems


def test_a_pure_wheel_keeps_its_name(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe/__init__.py": b""}, tag="py3-none-any")
    assert finish(wheel, tmp_path / "dist").name == wheel.name


def test_a_wheel_for_all_platforms_becomes_one_for_the_host_in_all_of_its_metadata(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe/x.so": make_elf()}, tag="py3-none-any", pure=True)
    final = finish(wheel, tmp_path / "dist", "linux_aarch64")
    assert final.name == "probe-1.0-py3-none-linux_aarch64.whl"
    with WheelFile.open(final) as source:
        source.validate_record(validate_contents=True)
        metadata = source.read_dist_info("WHEEL").splitlines()
    assert metadata[2:] == ["Root-Is-Purelib: false", "Tag: py3-none-linux_aarch64"]


def twice(wheel: Path, name: str, content: bytes, *, in_record: bool) -> Path:
    """Add the member ``name`` once more, and maybe its line of RECORD."""
    with zipfile.ZipFile(wheel) as archive:
        record = archive.read(f"{ABOUT}/RECORD").decode()
    line = next(line for line in record.splitlines() if line.startswith(name))
    more = {f"{ABOUT}/RECORD": f"{line}\n{record}".encode()} if in_record else {}
    return rewritten(wheel, more, more={name: content})


@pytest.mark.parametrize("in_record", [False, True])
@pytest.mark.parametrize("tag", ["manylinux_2_17_aarch64", "linux_aarch64"])
def test_a_member_that_is_there_twice_is_delivered_once(tmp_path: Path, tag: str, *, in_record: bool) -> None:
    content = b"x = 1\n"
    wheel = twice(make_wheel(tmp_path, {**FILES, "probe/a.py": content}), "probe/a.py", content, in_record=in_record)
    (warning,) = audited(wheel, make_host(tag)).warnings
    assert "probe/a.py: is in" in warning
    final = finish(wheel, tmp_path / "dist", tag)
    with WheelFile.open(final) as source:
        source.validate_record(validate_contents=True)
        names = [name for (name, *_), *_ in source.get_contents()]
    assert len(names) == len(set(names))
    assert audited(final, make_host(tag)).warnings == ()


def test_a_member_that_is_there_twice_with_other_content_is_refused_by_name(tmp_path: Path) -> None:
    wheel = twice(make_wheel(tmp_path, {**FILES, "probe/a.py": b"1\n"}), "probe/a.py", b"2\n", in_record=False)
    with pytest.raises(AuditError, match=r"probe/a\.py is in it 2 times, with different contents"):
        audited(wheel, OLD)


def test_an_older_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, FILES)
    destination = tmp_path / "dist"
    final = finish(wheel, destination)
    content = final.read_bytes()
    final.write_bytes(b"old")
    finish(wheel, destination)
    assert [path.name for path in destination.iterdir()] == [final.name]
    assert final.read_bytes() == content
    assert final.stat().st_mode & 0o777 == wheel.stat().st_mode & 0o777


def test_a_failure_leaves_the_older_file_and_nothing_half_written(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, FILES)
    report = audited(wheel, OLD)
    destination = tmp_path / "dist"
    final = finish_wheel(wheel, report=report, destination=destination, date=DATE)
    final.write_bytes(b"old")
    wheel.write_bytes(wheel.read_bytes()[:-30])
    with pytest.raises(AuditError):
        finish_wheel(wheel, report=report, destination=destination, date=DATE)
    assert [path.name for path in destination.iterdir()] == [final.name]
    assert final.read_bytes() == b"old"


def test_a_damaged_member_leaves_the_older_file(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe/x.so": make_elf(), "probe/__init__.py": b"x = 1\n"})
    report = audited(wheel, OLD)
    final = finish_wheel(wheel, report=report, destination=tmp_path / "dist", date=DATE)
    final.write_bytes(b"old")
    with pytest.raises(AuditError, match=r"probe/__init__\.py cannot be read"):
        finish_wheel(damaged(wheel), report=report, destination=tmp_path / "dist", date=DATE)
    assert [path.name for path in final.parent.iterdir()] == [final.name]
    assert final.read_bytes() == b"old"


def test_the_environment_and_the_clock_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = make_wheel(tmp_path, FILES)
    contents = set()
    for epoch in ("1", "1234567890", "never"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        contents.add(finish(wheel, tmp_path / epoch).read_bytes())
    assert len(contents) == 1
    (content,) = contents
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}


def test_a_project_in_it_keeps_its_own_metadata(tmp_path: Path) -> None:
    inner = {f"probe/_vendor/inner-2.0.dist-info/{name}": b"inner\n" for name in ("RECORD", "RECORD.jws", "WHEEL")}
    wheel = make_wheel(tmp_path, {**inner, **FILES})
    final = finish(wheel, tmp_path / "dist")
    with zipfile.ZipFile(final) as archive:
        assert {name: archive.read(name) for name in inner} == inner
        assert b"manylinux_2_17_aarch64" in archive.read(f"{ABOUT}/WHEEL")
    with WheelFile.open(final) as source:
        source.validate_record(validate_contents=True)


def test_metadata_that_spells_the_name_in_another_way_stays_so(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe_x/x.so": make_elf()}, project="Probe_X-1.0")
    wheel = wheel.rename(wheel.with_name(wheel.name.lower()))
    final = finish(wheel, tmp_path / "dist")
    with zipfile.ZipFile(wheel) as before, zipfile.ZipFile(final) as after:
        assert sorted(before.namelist()) == sorted(after.namelist())
    assert not read_wheel(final).problems


def test_record_comes_last_wherever_it_was(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, FILES)
    with zipfile.ZipFile(wheel) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.comment = b"made by hand"
        archive.writestr(f"{ABOUT}/RECORD", members.pop(f"{ABOUT}/RECORD"))
        for name, content in members.items():
            archive.writestr(name, content)
    final = finish(wheel, tmp_path / "dist")
    with zipfile.ZipFile(final) as archive:
        assert archive.namelist()[-1] == f"{ABOUT}/RECORD"
        assert set(archive.namelist()) == {*members, f"{ABOUT}/RECORD"}
        assert archive.comment == b"made by hand"
    assert not read_wheel(final).problems


def test_a_stale_signature_is_dropped(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, FILES, unrecorded={"probe-1.0.dist-info/RECORD.jws": b"{}"})
    with zipfile.ZipFile(finish(wheel, tmp_path / "dist")) as archive:
        assert "probe-1.0.dist-info/RECORD.jws" not in archive.namelist()
