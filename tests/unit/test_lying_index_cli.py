"""Lying indexes and addresses that are none on the command line: exit codes, what is delivered, what is kept."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from crossbuild.__main__ import main
from crossbuild.session.session import Session
from tests.unit import lies
from tests.unit.index_server import JSON_TYPE
from tests.unit.lies import kept
from tests.unit.wheel_samples import make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.index_server import Server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    host = make_host(libc="glibc 2.36")
    monkeypatch.setattr(Session, "target", lambda *_: SimpleNamespace(host=host))
    monkeypatch.setattr(Session, "plan", lambda *_: SimpleNamespace(known_host=host))
    monkeypatch.setattr(Session, "host", lambda *_: host)
    monkeypatch.setenv("CROSSBUILD_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("CROSSBUILD_HOST", "PIP_NO_INDEX", "PIP_FIND_LINKS", "UV_FIND_LINKS", "UV_INDEX", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with lies.impatient(monkeypatch) as running:
        yield running


@pytest.fixture
def wheel(server: Server, tmp_path: Path) -> Path:
    """A wheel on the index, of which the index tells neither hash nor size."""
    noise = b"".join(hashlib.sha256(number.to_bytes(2)).digest() for number in range(720))
    path = make_wheel(tmp_path, {"thing.py": noise}, tag="py3-none-any", project="thing-1.0")
    server.add(path.name, content=path.read_bytes(), hashes={})
    return path


def fetch(server: Server, tmp_path: Path, *more: str) -> int:
    index = [] if more else ["--index-url", server.index]
    words = ["wheel", "thing", "--only-binary", ":all:", "--host", "linux_aarch64", "-w", str(tmp_path / "wheels")]
    return main([*words, *index, *more])


def delivered(tmp_path: Path) -> list[bytes]:
    return [path.read_bytes() for path in (tmp_path / "wheels").glob("*")]


@pytest.mark.parametrize(
    "lie",
    [
        *("breaks off at 8192", "breaks off without a length", "Content-Length is too small", "an error page"),
        *("chunks without an end", "endless chunks", "a wrong range", "compressed, cut", "to a file", "out of order"),
    ],
)
def test_what_is_delivered_is_right(
    server: Server, wheel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], lie: str
) -> None:
    server.lies[f"/files/{wheel.name}"] = lies.OF_FILES[lie]
    assert fetch(server, tmp_path) == 9
    said = capsys.readouterr().err
    assert f"{server.url}/files/{wheel.name}" in said
    assert "Error:" not in said.splitlines()[-1]
    assert not delivered(tmp_path)
    assert not kept(tmp_path)
    server.lies.clear()
    assert fetch(server, tmp_path) == 0
    assert delivered(tmp_path) == [wheel.read_bytes()]


def test_a_connection_that_breaks_once_does_no_harm(server: Server, wheel: Path, tmp_path: Path) -> None:
    lies.once(server, f"/files/{wheel.name}", lies.OF_FILES["breaks off at 8192"])
    assert fetch(server, tmp_path) == 0
    assert delivered(tmp_path) == [wheel.read_bytes()]
    (tmp_path / "wheels" / wheel.name).unlink()
    assert fetch(server, tmp_path) == 0
    assert delivered(tmp_path) == [wheel.read_bytes()]


@pytest.mark.parametrize("url", ["file://elsewhere/{}", "http://127.0.0.1:port/{}", "http://[::1/{}", "ftp://x/{}"])
def test_a_link_that_leads_nowhere(
    server: Server, wheel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    page = f'<a href="{url.format(wheel.name)}"></a>'
    server.pages["/simple/thing/"] = (200, "text/html", page.encode())
    assert fetch(server, tmp_path) == 9
    assert "cannot be followed" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"files": [1]}', b"[" * 100_000])
def test_a_page_of_another_form(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    server.pages["/simple/thing/"] = (200, JSON_TYPE, content)
    assert fetch(server, tmp_path) == 9
    assert "is not a page of a package index" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("--index-url", ""),
        ("-i", " "),
        ("--extra-index-url", ""),
        ("--find-links", ""),
        ("--index-url", "http://127.0.0.1:port/simple"),
        ("--index-url", "http://[::1/simple"),
        ("--extra-index-url", "ftp://x/simple"),
        ("--find-links", "file://elsewhere/links"),
    ],
)
def test_an_address_that_is_none(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, str]
) -> None:
    assert fetch(server, tmp_path, *words) == 2
    assert capsys.readouterr().err
    assert not server.asked


@pytest.mark.parametrize(
    "url",
    [
        *("https://[::1/thing-1.0.tar.gz", "https://127.0.0.1:port/thing-1.0.tar.gz", "https:///thing-1.0.tar.gz"),
        *("file://elsewhere/thing-1.0.tar.gz", "ftp://127.0.0.1/thing-1.0.tar.gz", "git+https://[::1/thing"),
    ],
)
@pytest.mark.parametrize("way", ["word", "file", "lock"])
def test_an_address_of_a_file_that_is_none(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, way: str
) -> None:
    hashes = 'hashes = { sha256 = "00" }'
    place = f'vcs = {{ type = "git", url = "{url[4:]}", commit-id = "0" }}' if url.startswith("git") else ""
    place = place or f'sdist = {{ name = "thing-1.0.tar.gz", url = "{url}", {hashes} }}'
    (tmp_path / "pylock.toml").write_text(
        f'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "thing"\nversion = "1.0"\n{place}\n'
    )
    (tmp_path / "requirements.txt").write_text(f"thing @ {url}\n")
    words = {"word": [f"thing @ {url}"], "file": ["-r", "requirements.txt"], "lock": ["-r", "pylock.toml"]}[way]
    assert main(["wheel", *words, "--host", "linux_aarch64", "-w", str(tmp_path / "wheels")]) == 2
    assert "cannot be used: it" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["--index-url ''", "-i=", "--index-url=", "--extra-index-url ''", "-f ''"])
def test_an_empty_address_in_a_requirements_file(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    (tmp_path / "requirements.txt").write_text(f"thing\n{line}\n")
    assert fetch(server, tmp_path, "-r", "requirements.txt") == 2
    assert "requirements.txt, line 2" in capsys.readouterr().err
    assert not server.asked


def test_an_empty_variable_is_not_set(
    server: Server, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "")
    monkeypatch.setenv("PIP_INDEX_URL", server.index)
    assert fetch(server, tmp_path, "--no-deps") == 0
    assert delivered(tmp_path) == [wheel.read_bytes()]
