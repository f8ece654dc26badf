"""What every build has alike, whoever runs it: its date, and the variables that change what is made."""

from __future__ import annotations

import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from crossbuild.options.passed_variables import Passed
from crossbuild.reproducible.steady import steadied
from crossbuild.sources.dates import source_date
from crossbuild.sources.project import Source
from tests.unit.test_sources import PROJECT, make_sdist, member

if TYPE_CHECKING:
    from pathlib import Path

USERS = {
    "LANG": "de_DE.UTF-8",
    "LC_ALL": "de_DE",
    "LC_TIME": "C",
    "LANGUAGE": "de",
    "TZ": "Asia/Tokyo",
    "PYTHONHASHSEED": "7",
}
AT = 1_700_000_000


def sdist(tmp_path: Path, *times: int) -> Source:
    files = [member(f"thing-1.0/{number}.py") for number, _ in enumerate(times)]
    for (info, _), when in zip(files, times, strict=True):
        info.mtime = when
    return Source.from_sdist(make_sdist(tmp_path / "thing-1.0.tar.gz", *files), into=tmp_path / "unpacked")


def git(directory: Path, *words: str, **variables: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(directory), **variables}
    subprocess.run(["git", *identity, *words], cwd=directory, env=environ, check=True, capture_output=True)


def in_repository(tmp_path: Path) -> Source:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").touch()
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "a", GIT_AUTHOR_DATE=f"{AT - 5} +0000", GIT_COMMITTER_DATE=f"{AT} +0900")
    return Source.from_directory(project).brought_below(tmp_path / "build", {"PATH": "/usr/bin:/bin"})


def test_the_date_of_an_sdist_is_that_of_its_newest_file(tmp_path: Path) -> None:
    assert source_date(sdist(tmp_path, 1_600_000_000, AT, 1), {}) == AT


def test_an_sdist_in_which_every_file_is_from_1970_has_no_date(tmp_path: Path) -> None:
    assert source_date(sdist(tmp_path, 0, 1), {}) is None


def test_a_zip_archive_has_a_date_in_whatever_time_zone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "thing-1.0.zip", "w") as archive:
        for name, text in PROJECT.items():
            archive.writestr(zipfile.ZipInfo(name, (2023, 11, 14, 22, 13, 20)), text)
    source = Source.from_sdist(tmp_path / "thing-1.0.zip", into=tmp_path / "unpacked")
    assert source_date(source, {}) == AT


def test_the_date_of_a_repository_is_that_of_its_last_commit(tmp_path: Path) -> None:
    assert source_date(in_repository(tmp_path), {"PATH": "/usr/bin:/bin", "TZ": "Asia/Tokyo"}) == AT


def test_a_directory_that_is_in_no_repository_has_no_date(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project/pyproject.toml").touch()
    source = Source.from_directory(tmp_path / "project").brought_below(tmp_path / "build", {})
    assert source_date(source, {}) is None


@pytest.mark.parametrize("environ", [{}, USERS])
def test_locale_time_zone_and_hash_seed_are_the_same_for_every_user(tmp_path: Path, environ: dict[str, str]) -> None:
    passed = steadied(Passed.from_environ(environ), sdist(tmp_path, AT), {}).host
    expected = {"LC_ALL": "C.UTF-8", "LANGUAGE": "", "TZ": "UTC", "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(AT)}
    assert {name: passed[name] for name in expected} == expected


def test_no_wheel_is_built_again_for_what_no_build_sees() -> None:
    """tox has another hash seed each time."""
    assert Passed.from_environ(USERS).decisive == []


def test_a_date_of_the_users_stays(tmp_path: Path) -> None:
    users = {"SOURCE_DATE_EPOCH": "1", "CC": "cc"}
    passed = steadied(Passed.from_environ(users), sdist(tmp_path, AT), {}).host
    assert {name: passed[name] for name in users} == users
