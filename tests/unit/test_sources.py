from __future__ import annotations

import errno
import io
import os
import stat
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING, Literal, NoReturn

import pytest

from crossbuild.errors import CrossbuildError, SourceError
from crossbuild.sources.archives import unpack_sdist
from crossbuild.sources.project import Source

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = {"thing-1.0/pyproject.toml": "", "thing-1.0/PKG-INFO": "Name: Thing\nVersion: 1.0\n"}


def member(
    name: str, kind: bytes = tarfile.REGTYPE, *, link: str = "", data: str = "x", mode: int = 0o644
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    content = data.encode() if kind == tarfile.REGTYPE else b""
    info.size = len(content)
    return info, content


def make_sdist(path: Path, *more: tuple[tarfile.TarInfo, bytes], files: dict[str, str] | None = None) -> Path:
    modes: dict[str, Literal["w:gz", "w:bz2", "w:xz"]] = {".bz2": "w:bz2", ".xz": "w:xz"}
    with tarfile.open(path, modes.get(path.suffix, "w:gz")) as tar:
        for info, content in [
            *(member(name, data=text) for name, text in (PROJECT if files is None else files).items()),
            *more,
        ]:
            tar.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture(params=["with data filter", *(["without"] if sys.version_info < (3, 12) else [])])
def any_python(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython 3.11.2, which Debian ships, has no tarfile.data_filter; every 3.12 has it."""
    if request.param == "without":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)


# --- Unpacking -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("any_python")
@pytest.mark.filterwarnings("ignore:Python 3.14 will, by default, filter:DeprecationWarning")
@pytest.mark.parametrize("name", ["thing-1.0.tar.gz", "thing-1.0.tgz", "thing-1.0.tar.bz2", "thing-1.0.tar.xz"])
def test_an_sdist_is_unpacked(tmp_path: Path, name: str) -> None:
    sdist = make_sdist(
        tmp_path / name,
        member("thing-1.0/configure", data="#!/bin/sh", mode=0o6755),
        member("thing-1.0/sub", tarfile.DIRTYPE, mode=0o000),
        member("thing-1.0/sub/data", mode=0o444),
        member("thing-1.0/link", tarfile.SYMTYPE, link="sub/data"),
        member("thing-1.0/sub/back", tarfile.SYMTYPE, link="../configure"),
        member("thing-1.0/hard", tarfile.LNKTYPE, link="thing-1.0/configure", mode=0o755),
    )
    top = unpack_sdist(sdist, tmp_path / "into")
    assert top == tmp_path / "into/thing-1.0"
    assert (top / "link").read_text() == "x"
    assert (top / "sub/back").read_text() == (top / "hard").read_text() == "#!/bin/sh"
    assert stat.S_IMODE((top / "configure").stat().st_mode) == 0o755, "executable, and nothing set-uid"
    assert [entry.name for entry in (tmp_path / "into").iterdir()] == ["thing-1.0"]


def test_a_zip_is_unpacked(tmp_path: Path) -> None:
    sdist = tmp_path / "thing-1.0.zip"
    with zipfile.ZipFile(sdist, "w") as archive:
        archive.writestr("thing-1.0/setup.py", "")
        script = zipfile.ZipInfo("thing-1.0/configure")
        script.external_attr = (stat.S_IFREG | 0o755) << 16
        archive.writestr(script, "#!/bin/sh")
    top = unpack_sdist(sdist, tmp_path / "into")
    assert (top / "configure").stat().st_mode & 0o111 == 0o111


def test_the_source_of_an_sdist(tmp_path: Path) -> None:
    sdist = make_sdist(tmp_path / "thing-1.0.tar.gz")
    source = Source.from_sdist(sdist, into=tmp_path / "into")
    assert (source.name, source.version, source.sdist) == ("Thing", "1.0", sdist)


def test_without_metadata_the_file_name_tells(tmp_path: Path) -> None:
    sdist = make_sdist(tmp_path / "other-thing-2.1.tar.gz", files={"x/setup.py": ""})
    source = Source.from_sdist(sdist, into=tmp_path / "into")
    assert (source.name, source.version) == ("other-thing", "2.1")


def test_a_directory_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "setup.py").touch()
    assert Source.from_directory(tmp_path).directory == tmp_path
    with pytest.raises(SourceError, match=r"is not a Python project"):
        Source.from_directory(tmp_path.parent / "..")


@pytest.mark.parametrize("name", ["extern/thing", "extern/thing/python"])
def test_a_project_in_a_submodule_that_is_not_checked_out(tmp_path: Path, name: str) -> None:
    (tmp_path / ".gitmodules").write_text('[submodule "thing"]\n\tpath = extern/thing\n')
    (tmp_path / "extern/thing").mkdir(parents=True)
    with pytest.raises(SourceError, match=r"extern/thing is a submodule that is not checked out.\n.*update --init"):
        Source.from_directory(tmp_path / name)


def test_an_sdist_of_which_there_is_a_pointer(tmp_path: Path) -> None:
    sdist = tmp_path / "thing-1.0.tar.gz"
    sdist.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n")
    with pytest.raises(SourceError, match=r"pointer of Git LFS: its content is missing.\nType: git lfs pull"):
        Source.from_sdist(sdist, into=tmp_path / "into")


HOSTILE = {
    "absolute": [member("/etc/thing")],
    "climbing": [member("thing-1.0/../../thing")],
    "link outside": [member("thing-1.0/bad", tarfile.SYMTYPE, link="../../bad")],
    "link to an absolute path": [member("thing-1.0/bad", tarfile.SYMTYPE, link="/etc/passwd")],
    "link beside the project": [member("thing-1.0/bad", tarfile.SYMTYPE, link="..")],
    "hard link outside": [member("thing-1.0/bad", tarfile.LNKTYPE, link="../bad")],
    "device": [member("thing-1.0/bad", tarfile.CHRTYPE)],
    "pipe": [member("thing-1.0/bad", tarfile.FIFOTYPE)],
    "written through a link": [
        member("thing-1.0/bad", tarfile.SYMTYPE, link="sub"),
        member("thing-1.0/bad/file"),
    ],
    "a link, then a file of its name": [
        member("thing-1.0/bad", tarfile.SYMTYPE, link="pyproject.toml"),
        member("thing-1.0/./bad"),
    ],
    "hard link to nothing": [member("thing-1.0/bad", tarfile.LNKTYPE, link="thing-1.0/nothing")],
    "hard link to itself": [member("thing-1.0/bad", tarfile.LNKTYPE, link="thing-1.0/bad")],
    "hard link to no name": [member("thing-1.0/bad", tarfile.LNKTYPE, link="")],
    "hard link to a later file": [
        member("thing-1.0/bad", tarfile.LNKTYPE, link="thing-1.0/later"),
        member("thing-1.0/later"),
    ],
    "hard links in a circle": [
        member("thing-1.0/bad", tarfile.LNKTYPE, link="thing-1.0/worse"),
        member("thing-1.0/worse", tarfile.LNKTYPE, link="thing-1.0/bad"),
    ],
    "hard link to a directory": [
        member("thing-1.0/directory", tarfile.DIRTYPE),
        member("thing-1.0/bad", tarfile.LNKTYPE, link="thing-1.0/directory"),
    ],
    "hard link to a link": [
        member("thing-1.0/link", tarfile.SYMTYPE, link="pyproject.toml"),
        member("thing-1.0/bad", tarfile.LNKTYPE, link="thing-1.0/link"),
    ],
    "outside by way of two links": [
        member("thing-1.0/a/b/c", tarfile.DIRTYPE, mode=0o755),
        member("thing-1.0/a/b/c/up", tarfile.SYMTYPE, link="../../.."),
        member("thing-1.0/bad", tarfile.SYMTYPE, link="a/b/c/up/../../../x"),
    ],
}


@pytest.mark.usefixtures("any_python")
@pytest.mark.filterwarnings("ignore:Python 3.14 will, by default, filter:DeprecationWarning")
@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_hostile_archives_are_refused_and_leave_nothing(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    sdist = make_sdist(tmp_path / "thing-1.0.tar.gz", *members)
    with pytest.raises(SourceError) as caught:
        unpack_sdist(sdist, tmp_path / "deep/into")
    assert "not safe" in caught.value.what
    assert members[-1][0].name.rpartition("/")[2] in caught.value.why
    assert {path.name for path in tmp_path.rglob("*")} == {"thing-1.0.tar.gz", "deep", "into"}


def test_a_hostile_zip_is_refused(tmp_path: Path) -> None:
    sdist = tmp_path / "thing-1.0.zip"
    with zipfile.ZipFile(sdist, "w") as archive:
        archive.writestr("thing-1.0/setup.py", "")
        archive.writestr("thing-1.0/../../evil", "")
    with pytest.raises(SourceError) as caught:
        unpack_sdist(sdist, tmp_path / "into")
    assert "evil" in caught.value.why


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("thing-1.0.tar.gz", b"this is no archive"),
        ("thing-1.0.tar.gz", b""),
        ("thing-1.0.zip", b"PK\x03\x04 cut short"),
    ],
)
def test_a_broken_archive(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=r"cannot be unpacked"):
        unpack_sdist(tmp_path / name, tmp_path / "into")
    assert not list((tmp_path / "into").iterdir())


def test_a_truncated_archive(tmp_path: Path) -> None:
    sdist = make_sdist(tmp_path / "thing-1.0.tar.gz", member("thing-1.0/long", data="".join(map(str, range(9999)))))
    sdist.write_bytes(sdist.read_bytes()[:-2000])
    with pytest.raises(SourceError, match=r"cannot be unpacked"):
        unpack_sdist(sdist, tmp_path / "into")
    assert not list((tmp_path / "into").iterdir())


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a/setup.py": "", "b/setup.py": ""}, "this has a, b"),
        ({"setup.py": ""}, "this has setup.py"),
        ({}, "this has nothing"),
        ({"a/README": ""}, "neither pyproject.toml nor setup.py"),
    ],
)
def test_no_project_in_it(tmp_path: Path, files: dict[str, str], says: str) -> None:
    with pytest.raises(SourceError) as caught:
        unpack_sdist(make_sdist(tmp_path / "thing-1.0.tar.gz", files=files), tmp_path / "into")
    assert says in caught.value.why
    assert not list((tmp_path / "into").iterdir())


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EDQUOT, "Your disk quota is used up"),
        (errno.EROFS, "The file system is read-only"),
        (errno.EMFILE, "Too many files are open"),
    ],
)
def test_an_sdist_is_not_blamed_for_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    sdist = tmp_path / "thing-1.0.tar.gz"
    with tarfile.open(sdist, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("thing-1.0/pyproject.toml"))

    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tarfile.TarFile, "extractall", fail)
    monkeypatch.setattr(tarfile.TarFile, "extract", fail)
    with pytest.raises(CrossbuildError, match=says) as caught:
        unpack_sdist(sdist, tmp_path / "into")
    assert caught.type is CrossbuildError
    assert not any((tmp_path / "into").iterdir())
