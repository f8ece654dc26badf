"""``crossbuild cache``: what it prints, and what its options and variables mean."""

from __future__ import annotations

import json
import os
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

import crossbuild
from crossbuild.building.wheel import build_directory
from crossbuild.cli.app import main
from crossbuild.errors import BackendError
from crossbuild.reporting import SilentReporter
from crossbuild.system.cache import Cache, mark_of
from crossbuild.system.kept_places import kept_places
from tests.json_reference import differences, documented, members, terms
from tests.unit.index_server import serve
from tests.unit.session_samples import make_session
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

TAG = "manylinux_2_28_aarch64"
MEGA = 1_000_000


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of all commands; they run where there is no configuration."""
    monkeypatch.setenv("CROSSBUILD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("CROSSBUILD_CACHE_MAX_SIZE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cache"


@pytest.fixture
def filled(root: Path) -> Path:
    def fill(scratch: Path) -> None:
        (scratch / "content").write_bytes(os.urandom(MEGA))

    for number, key in enumerate(("old", "new")):
        mark = mark_of(Cache(root=root).entry("sdists", key, fill))
        os.utime(mark, (number * MEGA, number * MEGA))
    return root


def there(root: Path) -> list[str]:
    return sorted(entry.name for entry in root.glob("*/[!.]*"))


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["cache", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_where_it_is(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "dir"]) == 0
    assert main(["cache", "dir", "--cache-dir", "other"]) == 0
    assert capsys.readouterr().out.splitlines() == [str(root), str(tmp_path / "other")]
    assert document(capsys, "dir") == {"directory": str(root), "error": None}
    assert not root.exists()


def test_what_is_in_it(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "info", "--cache-max-size", "20G"]) == 0
    first, head, sdists, other, total = capsys.readouterr().out.splitlines()
    assert (first, head.split()) == (str(filled), ["Kind", "Entries", "Size", "Last", "used"])
    assert sdists.split() == ["sdists", "2", "2.0", "MB", "1970-01-12", "downloaded", "sdists"]
    assert other.startswith("other ")
    assert total.endswith("limit: 20.0 GB")
    assert all(len(line) <= 80 for line in (head, sdists, other, total))


@pytest.mark.parametrize(
    ("command", "printed"), [("dir", ["dir"]), ("info", ["info"]), ("prune", ["prune", "--max-size", "1M"])]
)
@pytest.mark.usefixtures("filled")
def test_the_documents_are_those_of_the_reference(
    command: str, printed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said, real = documented(f"cache {command}"), document(capsys, *printed)
    assert not list(differences(said, real))
    assert members(real) <= members(said)
    assert said.keys() - terms(f"cache {command}") <= {"directory", "error"}


def test_pruning(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "prune", "--max-size", "1500K"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("Removed 1 entry: 1.0 MB freed, 1.0 MB left")
    assert there(filled) == ["new"]
    assert document(capsys, "prune", "--unused-for", "1")["removed"][0]["path"] == str(filled / "sdists/new")


@pytest.mark.parametrize("where", ["variable", "configuration", "option"])
def test_the_limit_counts_if_no_other_size_is_given(where: str, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if where == "variable":
        monkeypatch.setenv("CROSSBUILD_CACHE_MAX_SIZE", "1.5M")
    if where == "configuration":
        (filled.parent / "crossbuild.toml").write_text('cache-max-size = "1.5M"')
    more = ["--cache-max-size", "1.5M"] if where == "option" else []
    assert main(["cache", "prune", "--max-size", "20M", *more]) == 0
    assert there(filled) == ["new", "old"]
    assert main(["cache", "prune", *more]) == 0
    assert there(filled) == ["new"]


def test_no_limit_counts_more_than_the_one_of_the_configuration(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (filled.parent / "crossbuild.toml").write_text('cache-max-size = "1.5M"')
    assert document(capsys, "info")["limit"] == 1_500_000
    assert document(capsys, "info", "--cache-max-size", "0")["limit"] is None
    assert document(capsys, "prune", "--cache-max-size", "0")["removed"] == []


def test_clearing(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "clear", "wheels")["removed"] == []
    using = Cache(root=filled)
    using.use("sdists", "old")
    assert main(["cache", "clear"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("Removed 1 entry: 1.0 MB freed")
    assert printed[1:] == [
        f"  sdists: {filled / 'sdists/new'}",
        "Skipped 1 entry, in use by another process:",
        f"  sdists: {filled / 'sdists/old'}",
    ]
    del using
    assert main(["cache", "clear"]) == main(["cache", "clear"]) == 0
    assert "Nothing was removed: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["clear", "sdist"], "Did you mean sdists?"),
        (["clear", "../.."], "Kinds: sdists, wheels"),
        (["prune", "--max-size", "much"], "'much' is not a size, such as 500M or 20G."),
        (["prune", "--unused-for", "-1"], "--unused-for"),
        (["prune", "--unused-for", "nan"], "nan is not a number of days."),
    ],
)
def test_what_cannot_be_meant(words: list[str], said: str, filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", *words]) == 2
    assert said in capsys.readouterr().err
    assert there(filled) == ["new", "old"]


def test_a_configuration_with_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "crossbuild.toml").write_text('cache-max-size = "much"')
    assert main(["cache", "info"]) == 2
    assert 'cache-max-size = "20G"' in capsys.readouterr().err


def test_the_library_does_the_same(filled: Path) -> None:
    environ = {"CROSSBUILD_CACHE_DIR": str(filled), "CROSSBUILD_CACHE_MAX_SIZE": "1.5M"}
    cache = crossbuild.Cache(environ=environ)
    assert (cache.directory, cache.info().limit) == (filled, 1_500_000)
    assert [one.path.name for one in cache.prune().removed] == ["old"]
    assert crossbuild.Cache(cache_dir=filled, environ={}).prune().removed == ()
    assert [one.path.name for one in cache.clear(["sdists"]).removed] == ["new"]
    with pytest.raises(crossbuild.UsageError, match="is not a size"):
        cache.prune(max_size="much")


# --- What other commands do to the cache ---------------------------------------------------------------------------


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_command_keeps_the_cache_to_its_limit(
    more: list[str], filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It downloads a wheel, and what was not used for the longest time goes."""
    make_session(tmp_path, reporter=SilentReporter(), monkeypatch=monkeypatch)
    (tmp_path / "wheels").mkdir()
    made = make_wheel(tmp_path / "wheels", {"app.py": os.urandom(MEGA)}, tag="py3-none-any", project="app-1.0")
    with serve() as server:
        server.add(made.name, project="app", content=made.read_bytes())
        words = f"wheel app --only-binary :all: --host {TAG} -w out --index-url {server.index} --cache-max-size 2500K"
        assert main([*words.split(), *more]) == 0
    assert (tmp_path / "out" / made.name).is_file() is not bool(more)
    assert "old" not in there(filled)
    assert len([*filled.glob("wheels/*/*.whl")]) == 1


def test_a_failed_build_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    session, error = make_session(tmp_path, reporter=SilentReporter(), monkeypatch=monkeypatch), BackendError("no")
    with pytest.raises(BackendError) as caught, build_directory(session):
        raise error
    (place,) = kept_places(session.services.cache)
    assert (place.path, place.kind, place.is_there) == (caught.value.kept, "kept-builds", True)
