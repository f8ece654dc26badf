"""Lock files: written, read again, and those that others wrote."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.direct_url import ArchiveInfo, DirectUrl, DirInfo, VcsInfo
from packaging.version import Version

from crossbuild.errors import RequirementsError, UsageError
from crossbuild.host.markers import marker_environment
from crossbuild.requirements.pylock import is_lockfile, lock_text, read_lock
from crossbuild.wheels.distribution import Distribution, Origin
from crossbuild.wheels.tags import installable_tags
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.requirements.pylock import LockedFile

HOST = make_host("linux_aarch64", libc="glibc 2.36")
HASHES = {"sha256": "a" * 64}
COMMIT = "0123456789012345678901234567890123456789"
OWN, FOREIGN = "cp311-cp311-manylinux_2_28_aarch64", "cp311-cp311-manylinux_2_28_x86_64"


def read(file: Path, *built: str, machine: str = "aarch64") -> list[LockedFile]:
    environment = {**marker_environment(HOST), "platform_machine": machine}
    return read_lock(file, environment=environment, tags=installable_tags(HOST), is_built=built.__contains__)


def distribution(name: str, origin: Origin, directory: Path) -> Distribution:
    return Distribution(name=name, version=Version("1.0"), wheel=directory / "w.whl", origin=origin)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    there = tmp_path / "lock/pylock.toml"
    index = "https://index.example/simple"
    wheel, sdist = "https://f.example/wheel-1.0-py3-none-any.whl", "https://f.example/sdist-1.0.tar.gz"
    archive, own = "https://f.example/x.zip", (tmp_path / "own").as_uri()
    of_archive = DirectUrl(url=archive, archive_info=ArchiveInfo())
    git = VcsInfo(vcs="git", commit_id=COMMIT, requested_revision="v1")
    of_repository = DirectUrl(url="https://g.example/r", vcs_info=git, subdirectory="sub")
    origins = {
        "wheel": Origin(url=wheel, filename=wheel.rpartition("/")[2], hashes=HASHES, index=index),
        "sdist": Origin(url=sdist, filename="sdist-1.0.tar.gz", hashes=HASHES, index=index),
        "archive": Origin(url=archive, filename="x.zip", hashes=HASHES, direct=of_archive),
        "own": Origin(url=own, direct=DirectUrl(url=own, dir_info=DirInfo())),
        "repository": Origin(url="", direct=of_repository),
    }
    chosen = [distribution(name, origin, tmp_path) for name, origin in origins.items()]
    there.parent.mkdir()
    there.write_text(lock_text(chosen, there, environment=marker_environment(HOST)))
    assert str(tmp_path) not in there.read_text(), "it may be moved, with what it is of"
    found = {one.name: one for one in read(there)}
    assert {name: one.url for name, one in found.items()} == {
        "wheel": wheel,
        "sdist": sdist,
        "archive": archive,
        "own": own,
        "repository": f"git+https://g.example/r@{COMMIT}#subdirectory=sub",
    }
    assert [found[name].hashes for name in ("wheel", "sdist", "archive")] == [HASHES] * 3
    assert [(found[name].filename, found[name].index) for name in ("wheel", "archive")] == [
        ("wheel-1.0-py3-none-any.whl", index),
        ("", ""),
    ]
    with pytest.raises(RequirementsError, match="is not for this host"):
        read(there, machine="armv7l")


def write(directory: Path, *packages: str, head: str = "") -> Path:
    file = directory / "pylock.deploy.toml"
    file.write_text("\n".join(['lock-version = "1.0"\ncreated-by = "somebody"', head, *packages]))
    return file


def package(name: str, *files: str, facts: str = "") -> str:
    """Return a package's table with wheels, or an sdist."""
    tables = []
    for file in files:
        kind = "[[packages.wheels]]" if file.endswith(".whl") else "[packages.sdist]"
        tables.append(f'{kind}\nurl = "https://f.example/{file}"\nhashes = {{sha256 = "{"a" * 64}"}}')
    return "\n".join([f'[[packages]]\nname = "{name}"\nversion = "1.0"', facts, *tables])


def test_what_is_for_the_host_is_chosen(tmp_path: Path) -> None:
    both = package("both", f"both-1.0-{FOREIGN}.whl", f"both-1.0-{OWN}.whl", "both-1.0.tar.gz")
    other = package("other", f"other-1.0-{FOREIGN}.whl", "other-1.0.tar.gz")
    absent = package("absent", "absent-1.0.tar.gz", facts="marker = \"sys_platform == 'win32'\"")
    file = write(tmp_path, both, other, absent)
    assert [one.filename for one in read(file)] == [f"both-1.0-{OWN}.whl", "other-1.0.tar.gz"]
    assert [one.filename for one in read(file, "both")] == ["both-1.0.tar.gz", "other-1.0.tar.gz"]


@pytest.mark.parametrize(
    ("facts", "error", "words"),
    [
        ({"head": 'requires-python = ">=3.12"\npackages = []'}, RequirementsError, "is not for this host"),
        ({"packages": package("a", f"a-1.0-{FOREIGN}.whl")}, RequirementsError, "is not for this host"),
        ({"head": "packages = 1"}, UsageError, "is not a valid lock file"),
        ({"head": "]"}, UsageError, "is not a valid lock file"),
        ({"packages": "[[packages]]\nname = 'a'\nversion = 'no'"}, UsageError, "is not a valid lock file"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, facts: dict[str, str], error: type[Exception], words: str) -> None:
    packages = [facts["packages"]] if "packages" in facts else []
    with pytest.raises(error, match=words):
        read(write(tmp_path, *packages, head=facts.get("head", "")))


def test_the_name_tells(tmp_path: Path) -> None:
    names = ("pylock.toml", "pylock.app.toml", "pylock.a.b.toml", "my-pylock.toml", "requirements.txt")
    assert [is_lockfile(tmp_path / name) for name in names] == [True, True, False, False, False]
    text = lock_text([], tmp_path / "pylock.toml", environment=marker_environment(HOST))
    assert tomllib.loads(text)["created-by"] == "crossbuild"
