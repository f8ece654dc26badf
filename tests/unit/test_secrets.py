"""A password of an index or of a repository on the command line and in the environment: what is told and kept of it."""

from __future__ import annotations

import shutil
import subprocess
from http import HTTPStatus
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from crossbuild.__main__ import main
from crossbuild.errors import UsageError
from crossbuild.index.connection import connect
from crossbuild.index.index import Index
from crossbuild.index.settings import IndexSettings
from crossbuild.session.session import Session
from crossbuild.sources.direct import get_direct
from crossbuild.system.cache import Cache
from tests.archive_server import serve_archive
from tests.canary import LOGIN, PASSWORD, QUOTED, USER, files_with_it, is_in, private_index, with_login
from tests.unit.wheel_samples import make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.canary import PrivateIndex

HOST = make_host(libc="glibc 2.36")


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PrivateIndex]:
    monkeypatch.setattr(Session, "target", lambda *_: SimpleNamespace(host=HOST))
    monkeypatch.setattr(Session, "plan", lambda *_: SimpleNamespace(known_host=HOST))
    monkeypatch.setattr(Session, "host", lambda *_: HOST)
    monkeypatch.setenv("CROSSBUILD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CROSSBUILD_HOST", "PIP_NO_INDEX", "PIP_FIND_LINKS", "UV_FIND_LINKS", "UV_INDEX", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with private_index() as running:
        (tmp_path / "given").mkdir()
        running.add(make_wheel(tmp_path / "given", {"thing.py": b""}, tag="py3-none-any", project="thing-1.0"))
        yield running


def told(capsys: pytest.CaptureFixture[str]) -> bytes:
    said = capsys.readouterr()
    return (said.out + said.err).encode()


def test_a_login_for_a_page_of_links_is_one_for_its_files(private: PrivateIndex) -> None:
    settings = IndexSettings(default="", find_links=(with_login(f"{private.server.url}/simple/thing/"),))
    with connect(settings) as client:
        assert client.get(f"{private.server.url}/files/thing-1.0-py3-none-any.whl").status_code == HTTPStatus.OK


WHEEL = ("wheel", "--only-binary", ":all:", "--host", "linux_aarch64", "-w", "wheels", "-vv", "--json")


@pytest.mark.parametrize("way", ["option", "extra", "links", "variable", "named", "netrc", "file", "url"])
def test_what_is_fetched_with_it_does_not_hold_it(
    private: PrivateIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    page = f"{private.server.url}/simple/thing/"
    words = {
        "option": ["thing", "--index-url", private.url],
        "extra": ["thing", "--index-url", "file:///nonexistent", "--extra-index-url", private.url],
        "links": ["thing", "--no-index", "--find-links", with_login(page)],
        "url": [f"thing @ {with_login(private.server.url)}/files/thing-1.0-py3-none-any.whl"],
        "file": ["-r", "given/requirements.txt"],
    }.get(way, ["thing"])
    (tmp_path / "given/requirements.txt").write_text("--index-url ${OURS}\nthing\n")
    monkeypatch.setenv("OURS", private.url)
    if way == "variable":
        monkeypatch.setenv("UV_DEFAULT_INDEX", private.url)
    if way == "named":
        monkeypatch.setenv("UV_INDEX", f"ours={private.bare}")
        monkeypatch.setenv("UV_INDEX_OURS_USERNAME", USER)
        monkeypatch.setenv("UV_INDEX_OURS_PASSWORD", PASSWORD)
    if way == "netrc":
        monkeypatch.setenv("NETRC", str(tmp_path.parent / f"{tmp_path.name}.netrc"))
        (tmp_path.parent / f"{tmp_path.name}.netrc").write_text(f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
        monkeypatch.setenv("UV_DEFAULT_INDEX", private.bare)
    assert main([*WHEEL, "--lock", "pylock.toml", "--index", "index", *words]) == 0
    said = told(capsys)
    assert b"thing-1.0-py3-none-any.whl" in said
    assert not is_in(said)
    assert (tmp_path / "pylock.toml").exists()
    assert files_with_it(tmp_path) == []


def test_what_is_installed_with_it_does_not_hold_it(
    private: PrivateIndex, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"thing @ {with_login(private.server.url)}/files/thing-1.0-py3-none-any.whl"
    places = ("--target", "image", "--manifest", "manifest.json", "--sbom", "sbom.json", "-vv", "--json")
    code = main(["install", url, "--index-url", private.url, "--host", "linux_aarch64", *places])
    said = told(capsys)
    assert code == 0, said
    assert not is_in(said)
    assert list((tmp_path / "image").rglob("direct_url.json"))
    assert files_with_it(tmp_path) == []


@pytest.mark.parametrize("code", [401, 403, 404, 500, 200])
@pytest.mark.parametrize("command", ["wheel", "json"])
def test_what_goes_wrong_is_told_without_it(
    private: PrivateIndex, tmp_path: Path, capsys: pytest.CaptureFixture[str], code: int, command: str
) -> None:
    private.server.login = ""
    private.server.pages["/simple/thing/"] = (code, "text/plain", b"no")
    words = WHEEL if command == "json" else WHEEL[:-1]
    assert main([*words, "thing", "--index-url", private.url]) in {1, 6, 9, 10}
    said = told(capsys)
    assert b"127.0.0.1" in said
    assert not is_in(said)
    assert files_with_it(tmp_path) == []


@pytest.mark.parametrize(
    "words",
    [
        ("--index-url", f"https://{USER}:{QUOTED}@127.0.0.1:port/simple"),
        ("--index-url", f"https://{USER}:{QUOTED}@[::1/simple"),
        ("--index-url", f"ftp://{USER}:{QUOTED}@127.0.0.1/simple"),
        ("--index-url", f"http://{USER}:{QUOTED}@example.invalid/simple"),
        ("--index-url", f"{USER}:{QUOTED}@example.invalid/simple"),
        ("--find-links", f"{USER}:{QUOTED}@example.invalid/simple"),
        ("-r", f"https://{USER}:{QUOTED}@example.invalid/requirements.txt"),
        ("-c", f"https://{USER}:{QUOTED}@example.invalid/requirements.txt"),
        (f"thing @ https://{USER}:{QUOTED}@example.invalid/thing.exe",),
        (f"thing @ svn+https://{USER}:{QUOTED}@example.invalid/thing",),
        (f"https://{USER}:{QUOTED}@example.invalid/thing",),
        (f"thing=={USER}:{QUOTED}@example.invalid/x",),
        ("--no-such-option", f"https://{USER}:{QUOTED}@example.invalid/"),
        ("-j", f"https://{USER}:{QUOTED}@example.invalid/"),
        ("--host", f"https://{USER}:{QUOTED}@example.invalid/"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_told_without_it(
    private: PrivateIndex, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    named = ["thing"] if words[0].startswith("-") else []
    assert main([*WHEEL, *named, *words]) not in {0, 70}
    assert not is_in(told(capsys))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository as a web server shows it that knows nothing of git."""
    served = tmp_path / "served/thing.git"
    project = tmp_path / "thing"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "thing"\nversion = "1.0"\n')
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    for command in (
        ("init", "-q"),
        ("add", "."),
        (*who, "commit", "-qm", "All"),
        ("clone", "-q", "--bare", ".", served),
    ):
        subprocess.run(["git", *command], cwd=project, check=True)
    subprocess.run(["git", "update-server-info"], cwd=served, check=True)
    return served


def test_git_gets_it_on_no_command_line_and_keeps_it_nowhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    git = tmp_path / "bin/git"
    git.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/commands\nexec {shutil.which("git")} "$@"\n')
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(git.parent), prepend=":")
    index = Index(settings=IndexSettings(default=""), cache=Cache(root=tmp_path / "cache"))
    with serve_archive(repository.parent) as server:
        server.login = LOGIN
        url = f"git+{with_login(server.url)}/thing.git"
        direct = get_direct(url, index=index, into=tmp_path / "into")
    assert direct.source.name is None
    assert (direct.source.directory / "pyproject.toml").exists()
    assert "clone" in (tmp_path / "commands").read_text()
    assert not is_in(repr([direct.origin.facts, direct.origin.direct]).encode())
    assert files_with_it(tmp_path) == []


@pytest.mark.parametrize(
    "way", ["hg+https://me:canary@a.org/x", "git+ssh://me:canary@a.org/x", "svn+https://canary@a/x"]
)
def test_a_program_that_would_show_it_is_not_given_it(way: str, tmp_path: Path) -> None:
    index = Index(settings=IndexSettings(default=""), cache=Cache(root=tmp_path / "cache"))
    with pytest.raises(UsageError) as caught:
        get_direct(way, index=index, into=tmp_path)
    assert "canary" not in str(caught.value)
