"""Wheels in an image: where their files are, what is refused, and what is left when they are replaced or removed."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.direct_url import ArchiveInfo, DirectUrl

from crossbuild.errors import InstallError
from crossbuild.image.fill import ImageTarget, InstallOptions, fill_image
from crossbuild.image.installed import importable_in, installed_in
from crossbuild.image.wheel_layout import Layout
from crossbuild.reporting import SilentReporter, packages_of
from crossbuild.requirements.request import Request
from tests.unit.image_samples import HOST, SITE, files_of, make_distribution, put, take, tree
from tests.unit.session_samples import make_session
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRY_POINT = b"[console_scripts]\nprobe = probe:main\n"
FILES = {
    "probe/__init__.py": b"def main(): pass\n",
    "probe-1.0.dist-info/entry_points.txt": ENTRY_POINT,
    "probe-1.0.data/scripts/old": b"#!python\nprint(1)\n",
    "probe-1.0.data/scripts/shell": b"#!/bin/sh\necho 1\n",
    "probe-1.0.data/headers/probe.h": b"int probe;\n",
    "probe-1.0.data/data/share/doc/probe": b"text\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


def refusal(caught: pytest.ExceptionInfo[InstallError]) -> str:
    return str(caught.value)


def test_every_file_in_the_place_of_its_kind(tmp_path: Path, root: Path) -> None:
    put(make_distribution(tmp_path, FILES), into=root)
    assert {name for name in files_of(root) if "dist-info" not in name} == {
        f"{SITE}/probe/__init__.py",
        "usr/bin/old",
        "usr/bin/probe",
        "usr/bin/shell",
        "usr/include/python3.11/probe/probe.h",
        "usr/share/doc/probe",
    }


def test_permissions_do_not_depend_on_who_installs(tmp_path: Path, root: Path) -> None:
    before = os.umask(0o077)
    try:
        put(make_distribution(tmp_path, FILES), into=root)
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in (root / "usr").rglob("*")}
    assert modes == {0o755, 0o644}
    assert (root / "usr/bin/probe").stat().st_mode & 0o777 == 0o755


def test_scripts_start_the_python_of_the_host(tmp_path: Path, root: Path) -> None:
    put(make_distribution(tmp_path, FILES), into=root)
    assert (root / "usr/bin/probe").read_text().startswith("#!/usr/bin/python3.11\n")
    assert (root / "usr/bin/old").read_text() == "#!/usr/bin/python3.11\nprint(1)\n"
    assert (root / "usr/bin/shell").read_text() == "#!/bin/sh\necho 1\n"


@pytest.mark.parametrize("interpreter", [sys.executable, "/opt/with a space/python3", f"/opt/{'long/' * 40}python3"])
def test_interpreters_that_no_kernel_would_take(tmp_path: Path, root: Path, interpreter: str) -> None:
    layout = Layout.from_host(HOST, root, interpreter=interpreter)
    put(make_distribution(tmp_path, FILES), into=layout)
    for name in ("probe", "old"):
        first, second = (root / "usr/bin" / name).read_text().splitlines()[:2]
        if interpreter == sys.executable and len(interpreter) < 100:
            assert first == f"#!{interpreter}"
        else:
            assert first == "#!/bin/sh"
            assert interpreter in second
    compile((root / "usr/bin/old").read_text(), "old", "exec")


def test_the_record_is_of_what_is_there(tmp_path: Path, root: Path) -> None:
    put(make_distribution(tmp_path, FILES), into=root)
    site = root / SITE
    with (site / "probe-1.0.dist-info/RECORD").open(newline="") as stream:
        rows = {os.path.normpath(site / name): (digest, size) for name, digest, size in csv.reader(stream)}
    assert set(rows) == {str(root / file) for file in files_of(root)}
    for name, row in rows.items():
        if not name.endswith("/RECORD"):
            content = (root / name).read_bytes()
            told = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert row == (f"sha256={told}", str(len(content)))


def test_what_is_said_of_its_installation(tmp_path: Path, root: Path) -> None:
    found = make_distribution(tmp_path, FILES)
    direct = DirectUrl(url="https://example.org/probe.tar.gz", archive_info=ArchiveInfo(hashes={"sha256": "0" * 64}))
    put(replace(found, requested=True, origin=replace(found.origin, direct=direct)), into=root)
    about = root / SITE / "probe-1.0.dist-info"
    assert (about / "INSTALLER").read_text() == "crossbuild\n"
    assert (about / "REQUESTED").read_text() == ""
    assert json.loads((about / "direct_url.json").read_text()) == direct.to_dict()
    (installed,) = installed_in(Layout.from_host(HOST, root))
    assert (installed.title, installed.installer, installed.requested) == ("probe 1.0", "crossbuild", True)
    assert installed.origin
    assert installed.origin.direct == direct


def test_dependencies_were_not_requested(tmp_path: Path, root: Path) -> None:
    put(make_distribution(tmp_path, FILES), into=root)
    assert {name.rpartition("/")[2] for name in files_of(root) if "dist-info" in name} == {
        *("METADATA", "WHEEL", "RECORD", "INSTALLER", "entry_points.txt", "provenance_url.json")
    }


def test_packages_of_the_distribution_can_be_imported_and_stay(tmp_path: Path, root: Path) -> None:
    system, local = (Layout.from_host(HOST, root, scheme=scheme) for scheme in ("deb_system", "posix_local"))
    put(make_distribution(tmp_path, {"old.py": b""}), make_distribution(tmp_path, {}, project="more-3.0"), into=system)
    assert [one.title for one in importable_in(local)] == ["more 3.0", "probe 1.0"]
    assert installed_in(local) == []
    put(make_distribution(tmp_path, {"new.py": b""}, project="probe-2.0"), into=local)
    assert [one.title for one in importable_in(local)] == ["more 3.0", "probe 2.0"]
    assert (root / "usr/lib/python3/dist-packages/old.py").exists()


def test_an_upgrade_leaves_nothing_of_the_old(tmp_path: Path, root: Path) -> None:
    put(make_distribution(tmp_path, {"probe/old/x.py": b"", "probe/__init__.py": b"1"}), into=root)
    cache = root / SITE / "probe/old/__pycache__"
    cache.mkdir()
    (cache / "x.cpython-311.pyc").write_bytes(b"made on the device")
    new = make_distribution(tmp_path, {"probe/__init__.py": b"2"}, project="probe-2.0")
    assert [one.title for one in put(new, into=root)] == ["probe 2.0"]
    put(new, into=tmp_path / "fresh")
    assert tree(root) == tree(tmp_path / "fresh")


def test_a_reinstallation_mends(tmp_path: Path, root: Path) -> None:
    found = make_distribution(tmp_path, FILES)
    put(found, into=root)
    before = tree(root)
    (root / SITE / "probe/__init__.py").write_text("spoilt")
    (root / "usr/bin/old").unlink()
    put(found, into=root)
    assert tree(root) == before


def test_a_directory_that_becomes_a_file(tmp_path: Path, root: Path) -> None:
    put(make_distribution(tmp_path, {"probe/data/x": b"1"}), into=root)
    put(make_distribution(tmp_path, {"probe/data": b"2"}, project="probe-2.0"), into=root)
    assert (root / SITE / "probe/data").read_bytes() == b"2"


def test_removed(tmp_path: Path, root: Path) -> None:
    stays = make_distribution(tmp_path, {"shared/__init__.py": b"", "shared/stays.py": b""}, project="stays-1.0")
    put(stays, into=root)
    put(make_distribution(tmp_path, {**FILES, "shared/__init__.py": b""}), into=root)
    assert [one.title for one in take("Probe", out_of=root)] == ["probe 1.0"]
    put(stays, into=tmp_path / "fresh")
    assert files_of(root) == files_of(tmp_path / "fresh"), "the file that both had is there"
    assert not (root / "usr/share").exists()


def test_removing_what_is_not_there(tmp_path: Path, root: Path) -> None:
    put(make_distribution(tmp_path, FILES), into=root)
    before = tree(root)
    with pytest.raises(InstallError, match=f"nothing-such is not installed in {root / SITE}.") as caught:
        take("probe", "nothing.such", out_of=root)
    assert tree(root) == before
    assert caught.value.exit_code == 12


def test_all_that_is_in_the_way_is_told_at_once(tmp_path: Path, root: Path) -> None:
    put(make_distribution(tmp_path, {"there.py": b"1"}, project="there-1.0"), into=root)
    (root / SITE / "own.py").write_text("the device's own")
    before = tree(root)
    one = make_distribution(tmp_path, {"same.py": b"1", "there.py": b"2"}, project="one-1.0")
    two = make_distribution(tmp_path, {"same.py": b"2", "own.py": b"2"}, project="two-1.0")
    with pytest.raises(InstallError) as caught:
        put(one, two, into=root)
    text = refusal(caught)
    assert f"/{SITE}/same.py is in one and in two, with different content." in text
    assert f"/{SITE}/there.py of one is there already, with other content: there 1.0 has it." in text
    assert f"/{SITE}/own.py of two is there already, with other content: it is of no distribution." in text
    assert tree(root) == before


def test_a_file_that_two_have_alike(tmp_path: Path, root: Path) -> None:
    one = make_distribution(tmp_path, {"space/__init__.py": b"", "space/one.py": b""}, project="one-1.0")
    two = make_distribution(tmp_path, {"space/__init__.py": b"", "space/two.py": b""}, project="two-1.0")
    put(one, two, into=root)
    take("one", out_of=root)
    assert {name for name in files_of(root) if "dist-info" not in name} == {
        f"{SITE}/space/__init__.py",
        f"{SITE}/space/two.py",
    }


def test_a_file_where_another_has_a_directory(tmp_path: Path, root: Path) -> None:
    one = make_distribution(tmp_path, {"thing": b""}, project="one-1.0")
    two = make_distribution(tmp_path, {"thing/x.py": b""}, project="two-1.0")
    with pytest.raises(InstallError, match="thing of one is a directory of two"):
        put(one, two, into=root)
    assert not root.exists()


@pytest.mark.parametrize(
    "name", ["../../../../evil.py", "probe-1.0.data/data/../../evil", "probe-1.0.data/scripts/../evil", "/var/evil"]
)
def test_paths_that_leave_their_directory(tmp_path: Path, root: Path, name: str) -> None:
    with pytest.raises(InstallError, match=r"probe-1\.0-py3-none-any\.whl cannot be installed"):
        put(make_distribution(tmp_path, {name: b"evil"}), into=root)
    assert not [*tmp_path.rglob("evil*")]
    assert not root.exists()


@pytest.mark.parametrize("target", ["../../../outside", "{outside}"])
def test_links_that_leave_the_root(tmp_path: Path, root: Path, target: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "usr").mkdir(parents=True)
    (root / "usr/lib").symlink_to(target.format(outside=outside))
    with pytest.raises(InstallError, match=r"__init__\.py of probe is below /usr/lib, a symbolic link to no directory"):
        put(make_distribution(tmp_path, FILES), into=root)
    assert not [*outside.iterdir()]


@pytest.mark.parametrize("target", ["/data/lib", "../data/lib", "../../../../data/lib", "/../data/lib"])
def test_links_are_followed_as_on_the_host(tmp_path: Path, root: Path, target: str) -> None:
    (root / "data/lib").mkdir(parents=True)
    (root / "usr").mkdir()
    (root / "usr/lib").symlink_to(target)
    put(make_distribution(tmp_path, FILES), into=root)
    assert (root / "data/lib/python3.11/site-packages/probe/__init__.py").is_file()
    assert (root / "usr/lib").is_symlink()
    take("probe", out_of=root)
    assert (root / "usr/lib").is_symlink()
    assert not files_of(root)


@pytest.mark.parametrize("link", ["METADATA", ""])
def test_metadata_is_read_as_on_the_host(tmp_path: Path, root: Path, link: str) -> None:
    """This machine has a file at the path that the link names, too, and it is nobody's business."""
    about, here = root / SITE / "probe-1.0.dist-info", tmp_path / "kept"
    for directory, version in ((here, "6.6"), (root / str(here).lstrip("/"), "1.0")):
        directory.mkdir(parents=True)
        (directory / "METADATA").write_text(f"Name: probe\nVersion: {version}\n\n")
    (about / link).parent.mkdir(parents=True)
    (about / link).symlink_to(here / link)
    assert [one.title for one in installed_in(Layout.from_host(HOST, root))] == ["probe 1.0"]


@pytest.mark.parametrize("entry", ["probe-0.9.dist-info", "probe-0.9.egg-info"])
def test_what_has_no_record_is_not_replaced(tmp_path: Path, root: Path, entry: str) -> None:
    about = root / SITE / entry
    about.mkdir(parents=True)
    (about / ("METADATA" if entry.endswith("dist-info") else "PKG-INFO")).write_text("Name: Probe\nVersion: 0.9\n\n")
    (about / "INSTALLER").write_text("debian\n")
    wanted = r"probe 0\.9 cannot be replaced or removed: it has no RECORD.*It was installed by debian\."
    with pytest.raises(InstallError, match=wanted):
        put(make_distribution(tmp_path, FILES), into=root)
    with pytest.raises(InstallError, match=wanted):
        take("probe", out_of=root)


def test_broken_metadata_of_others_is_put_up_with(tmp_path: Path, root: Path) -> None:
    for name, content in (
        ("a-1.dist-info", None),
        ("b-1.dist-info", b"\xff\0"),
        ("c-1-py3.11.egg-info", b"Version: 2"),
    ):
        place = root / SITE / name
        place.mkdir(parents=True)
        if content is not None:
            for file in ("METADATA", "RECORD", "direct_url.json", "PKG-INFO"):
                (place / file).write_bytes(content)
    put(make_distribution(tmp_path, FILES), into=root)
    found = {one.name: one.version for one in installed_in(Layout.from_host(HOST, root))}
    assert found == {"a": "1", "b": "1", "c": "2", "probe": "1.0"}


def test_the_step_of_an_installation_has_the_directory_as_it_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles: list[str] = []

    class Heard(SilentReporter):
        @contextmanager
        def step(self, title: str) -> Iterator[None]:
            titles.append(title)
            yield

    make_wheel(tmp_path, {"probe.py": b""}, tag="py3-none-any", project="probe-1.0", requires=())
    session = make_session(tmp_path, reporter=Heard(), monkeypatch=monkeypatch)
    monkeypatch.chdir(tmp_path)
    place = ImageTarget(target=Path("image"))
    progress = packages_of(session.reporter)
    fill_image(Request(specs=("probe",)), place, InstallOptions(), session=session, progress=progress)
    assert titles[-1] == "Install probe into image"
