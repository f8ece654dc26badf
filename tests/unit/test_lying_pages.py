"""Indexes whose pages lie: what they list is right, or an error says what is wrong with them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.errors import NetworkError
from tests.unit import lies
from tests.unit.index_server import JSON_TYPE, make_sdist
from tests.unit.lies import index_of
from tests.unit.sdist_choice import find_sdist

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.index_server import Server

SDIST = "thing-1.0.tar.gz"
CONTENT = make_sdist()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with lies.impatient(monkeypatch) as running:
        yield running


# --- Pages ---------------------------------------------------------------------------------------------------------


def page(*files: Any, **facts: Any) -> bytes:
    return json.dumps({"files": files, "meta": {"api-version": "1.0"}, "name": "thing"} | facts).encode()


def lie_of_page(server: Server, content: bytes, kind: str = JSON_TYPE) -> None:
    server.pages["/simple/thing/"] = (200, kind, content)


UNNOTICED = {"not there", "breaks off at 16384", "an error page"}
"""What says that the project is not there; and what is not reached."""
UNNOTICED_IN_HTML = {"half as the whole", "nothing as the whole", "Content-Length is too small", "half in chunks"}
PAGES = {
    "text/html": b'<html><a href="/files/thing-1.0.tar.gz"></a>' + b"<p>padding</p>" * 1000 + b"</html>",
    JSON_TYPE: page({"filename": SDIST, "url": f"/files/{SDIST}"}, padding="x" * 16000),
}


@pytest.mark.parametrize("lie", [lie for lie in lies.OF_FILES if lie not in UNNOTICED])
def test_a_page_is_right_or_refused(server: Server, tmp_path: Path, lie: str) -> None:
    for kind, content in PAGES.items():
        server.lies.clear()
        lie_of_page(server, content, kind)
        assert [one.filename for one in index_of(server, tmp_path).list_all("thing")] == [SDIST]
        server.lies = dict.fromkeys(("/simple/thing/", "/simple/thing/?again"), lies.OF_FILES[lie])
        if lie != "compressed" and not (kind == "text/html" and lie in UNNOTICED_IN_HTML):
            with pytest.raises(NetworkError, match=r"http://127\.0\.0\.1:"):
                index_of(server, tmp_path).list_all("thing")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "the page is a list"),
        (b"null", "the page is null"),
        (b'"files"', "the page is a string"),
        (b'{"files": {}}', "'files' of the page is an object"),
        (b'{"files": 5}', "'files' of the page is an integer"),
        (b'{"meta": []}', "'meta' of the page is a list"),
        (b'{"meta": {"api-version": 1.0}}', "'api-version' of 'meta' is a fraction"),
        (b'{"meta": {"api-version": "2.0"}}', "version 2.0"),
        (page(5), "files[0] is an integer"),
        (page({}, None), "files[1] is null"),
        (page({"url": 5}), "'url' of files[0] is an integer"),
        (page({"url": ["x"]}), "'url' of files[0] is a list"),
        (page({"url": "x", "filename": {}}), "'filename' of files[0] is an object"),
        (page({"url": "x", "hashes": "sha256"}), "'hashes' of files[0] is a string"),
        (page({"url": "x", "hashes": {"sha256": 5}}), "'sha256' of 'hashes' of files[0] is an integer"),
        (page({"url": "x", "requires-python": 3}), "'requires-python' of files[0] is an integer"),
        (page({"url": "x", "yanked": 1}), "'yanked' of files[0] is an integer"),
        (page({"url": "x", "size": "10"}), "'size' of files[0] is a string"),
        (page({"url": "x", "size": True}), "'size' of files[0] is a boolean"),
        (page({"url": "x", "size": 1.5}), "'size' of files[0] is a fraction"),
        (page({"url": "x", "core-metadata": [1]}), "'core-metadata' of files[0] is a list"),
        (page({"url": "x", "core-metadata": {"sha256": None, "md5": 5}}), "'md5' of 'core-metadata' of files[0]"),
    ],
)
def test_a_page_of_another_form(server: Server, tmp_path: Path, content: bytes, says: str) -> None:
    lie_of_page(server, content)
    with pytest.raises(NetworkError) as caught:
        index_of(server, tmp_path).list_all("thing")
    assert says in str(caught.value)
    assert f"{server.index}/thing/" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/pdf", b"%PDF"),
        ("", b"<a href=thing-1.0.tar.gz>"),
        ("application/json", page()),
    ],
)
def test_a_page_that_is_none(server: Server, tmp_path: Path, kind: str, content: bytes) -> None:
    lie_of_page(server, content, kind)
    with pytest.raises(NetworkError, match="page"):
        index_of(server, tmp_path).list_all("thing")


def test_a_page_that_some_pythons_parsers_give_up(server: Server, tmp_path: Path) -> None:
    lie_of_page(server, b"<![x]>", "text/html")
    with suppress(NetworkError):
        assert not index_of(server, tmp_path).list_all("thing")


@pytest.mark.parametrize(
    "kind", ["text/html; charset=hex", "text/html; charset=undefined", "text/html; charset=utf-99"]
)
def test_a_page_in_an_encoding_that_is_none(server: Server, tmp_path: Path, kind: str) -> None:
    lie_of_page(server, b'<a href="/files/thing-1.0.tar.gz">\xff</a>', kind)
    assert [one.filename for one in index_of(server, tmp_path).list_all("thing")] == [SDIST]


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("file://elsewhere/thing-1.0.tar.gz", "file on another machine"),
        ("file:///etc/thing-1.0.tar.gz", "file of this machine"),
        ("http://127.0.0.1:x/thing-1.0.tar.gz", "port is not a number"),
        ("http://127.0.0.1:99999/thing-1.0.tar.gz", "port is not a number"),
        ("http://[::1/thing-1.0.tar.gz", "host is malformed"),
        ("ftp://127.0.0.1/thing-1.0.tar.gz", "'ftp'"),
        ("git+https://127.0.0.1/thing-1.0.tar.gz", "'git+https'"),
    ],
)
@pytest.mark.parametrize("kind", [JSON_TYPE, "text/html"])
def test_a_link_that_leads_nowhere(server: Server, tmp_path: Path, url: str, fault: str, kind: str) -> None:
    """It is an error only if somebody wants what it leads to."""
    server.add("thing-0.9.tar.gz", content=CONTENT)
    good = f"{server.url}/files/thing-0.9.tar.gz"
    if kind == JSON_TYPE:
        lie_of_page(server, page(*({"url": one, "filename": one.rpartition("/")[2]} for one in (url, good))))
    else:
        lie_of_page(server, f'<a href="{url}"></a><a href="{good}"></a>'.encode(), kind)
    asked = index_of(server, tmp_path)
    with pytest.raises(NetworkError) as caught:
        find_sdist(asked, "thing")
    assert fault in str(caught.value)
    assert f"{server.index}/thing/" in str(caught.value)
    assert find_sdist(asked, "thing<1").version == "0.9"


def test_links_to_what_is_no_file(server: Server, tmp_path: Path) -> None:
    urls = ("javascript:void(0)", "mailto:a@b.c", "#", "", "?a=b", "data:,x", "http://[")
    links = "".join(f'<a href="{url}">x</a>' for url in urls)
    lie_of_page(server, f'<a name="x">y</a>{links}<a href="/files/{SDIST}">z</a>'.encode(), "text/html")
    assert [one.filename for one in index_of(server, tmp_path).list_all("thing")] == [SDIST]


@pytest.mark.parametrize(
    "url",
    [
        "..%2f..%2f..%2fthing-1.0.tar.gz",
        "../../files/./x/../thing-1.0.tar.gz",
        "%2e%2e/%2e%2e/files/thing-1.0.tar.gz",
        "/files/thing-1.0.tar.gz?x=/../../y#z=/../../y",
    ],
)
def test_a_name_stays_in_its_directory(server: Server, tmp_path: Path, url: str) -> None:
    server.add(SDIST, content=CONTENT)
    lie_of_page(server, f'<a href="{url}"></a>'.encode(), "text/html")
    [candidate] = index_of(server, tmp_path).list_all("thing")
    assert candidate.filename == SDIST


@pytest.mark.parametrize(
    "filename",
    [
        "../thing-1.0.tar.gz",
        "/etc/thing-1.0.tar.gz",
        "thing-1.0-py3-none-any/../x.whl",
        "thing-1.0\0.tar.gz",
        "thing-1.0-py3-none-any\n.whl",
        "thing-1.0-py3-none-\ud800.whl",
        f"thing-1.0+{'x' * 255}.tar.gz",
        f"thing-1.0-{'a.' * 40_000}a-{'b.' * 40_000}b-any.whl",
        "thing-1.0-any.whl",
        "thing-one.tar.gz",
        "other-1.0.tar.gz",
        "thing.tar.gz",
        ".tar.gz",
        "",
    ],
)
def test_names_that_no_distribution_has(server: Server, tmp_path: Path, filename: str) -> None:
    lie_of_page(server, page({"url": "/files/x", "filename": filename}))
    assert not index_of(server, tmp_path).list_all("thing")


def test_a_name_that_only_the_page_says(server: Server, tmp_path: Path) -> None:
    server.pages["/files/1234"] = (200, "application/octet-stream", CONTENT)
    lie_of_page(server, page({"url": "/files/1234", "filename": SDIST}))
    assert find_sdist(index_of(server, tmp_path), "thing").path.name == SDIST


def test_an_index_that_changes_its_mind(server: Server, tmp_path: Path) -> None:
    server.add(SDIST, content=CONTENT)
    [candidate] = index_of(server, tmp_path).list_all("thing")
    server.pages[f"/files/{SDIST}"] = (200, "application/octet-stream", make_sdist("thing-2.0"))
    with pytest.raises(NetworkError, match="does not match its hash"):
        index_of(server, tmp_path).fetch("thing", candidate)
    server.pages.clear()
    server.add(SDIST, content=make_sdist("thing-2.0"))
    found = find_sdist(index_of(server, tmp_path), "thing")
    assert found.path.read_bytes() == make_sdist("thing-2.0")


@pytest.mark.parametrize(("yanked", "is_yanked"), [(True, True), ("", False), ("false", True), (False, False)])
def test_what_is_said_to_be_yanked(server: Server, tmp_path: Path, yanked: object, *, is_yanked: bool) -> None:
    server.add(SDIST, content=CONTENT, yanked=yanked)
    assert [one.yanked for one in index_of(server, tmp_path).list_all("thing")] == [is_yanked]
