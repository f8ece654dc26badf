"""Indexes that lie: what arrives is right, or nothing does, and an honest server is believed afterwards."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import time
import zipfile
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from crossbuild.errors import NetworkError
from crossbuild.system.interruption import Running
from tests.unit import lies
from tests.unit.index_server import make_sdist
from tests.unit.lies import index_of, kept, once
from tests.unit.sdist_choice import find_sdist

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.errors import CrossbuildError
    from crossbuild.index.index import Found
    from tests.unit.index_server import Server

NOISE = b"".join(hashlib.sha256(number.to_bytes(2)).digest() for number in range(720))
SDIST, WHEEL = "thing-1.0.tar.gz", "thing-1.0-py3-none-any.whl"


def make_wheel(noise: bytes = NOISE) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("thing/noise", noise)
        archive.writestr("thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    return content.getvalue()


CONTENT = {SDIST: make_sdist(padding=NOISE), WHEEL: make_wheel()}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with lies.impatient(monkeypatch) as running:
        yield running


def get(server: Server, tmp_path: Path, filename: str = SDIST) -> Found:
    """Return the file as it is found by way of the index's page."""
    found = index_of(server, tmp_path).list_all("thing")
    return index_of(server, tmp_path).fetch("thing", next(one for one in found if one.filename == filename))


def refusal(server: Server, tmp_path: Path, filename: str = SDIST, kind: type[CrossbuildError] = NetworkError) -> str:
    with pytest.raises(kind) as caught:
        get(server, tmp_path, filename)
    assert not kept(tmp_path)
    return str(caught.value)


# --- Files ---------------------------------------------------------------------------------------------------------


def known(filename: str, how: str) -> dict[str, Any]:
    """Return what the index tells of a file."""
    hashes = {"sha256": hashlib.sha256(CONTENT[filename]).hexdigest()} if "hash" in how else {}
    return {"hashes": hashes} | ({"size": len(CONTENT[filename])} if "size" in how else {})


@pytest.mark.parametrize("lie", lies.OF_FILES)
def test_a_file_is_right_or_refused(server: Server, tmp_path: Path, lie: str) -> None:
    with index_of(server, tmp_path).connected() as asked:
        for filename, how in ((SDIST, "nothing"), (WHEEL, "nothing"), (SDIST, "hash"), (WHEEL, "size")):
            server.lies = dict.fromkeys((f"/files/{filename}", f"/files/{filename}?again"), lies.OF_FILES[lie])
            server.pages.clear()
            server.add(filename, content=CONTENT[filename], **known(filename, how))
            [candidate] = asked.list_all("thing")
            with pytest.raises(NetworkError, match=r"http://127\.0\.0\.1:"):
                asked.fetch("thing", candidate)
            assert not kept(tmp_path)
            server.lies.clear()
            assert asked.fetch("thing", candidate).path.read_bytes() == CONTENT[filename]
            shutil.rmtree(tmp_path / "cache")


@pytest.mark.parametrize("how", ["nothing", "hash", "size"])
@pytest.mark.parametrize("lie", ["breaks off at 8192", "chunks without an end", "says nothing", "out of order"])
def test_a_connection_that_broke_once(server: Server, tmp_path: Path, lie: str, how: str) -> None:
    server.add(WHEEL, content=CONTENT[WHEEL], **known(WHEEL, how))
    once(server, f"/files/{WHEEL}", lies.OF_FILES[lie])
    assert get(server, tmp_path, WHEEL).path.read_bytes() == CONTENT[WHEEL]
    assert len(server.downloads()) == 2


@pytest.mark.parametrize("filename", [SDIST, WHEEL])
@pytest.mark.parametrize("way", ["chunked", "without a length", "encoded by its name"])
def test_honest_ways_to_send_a_file(server: Server, tmp_path: Path, filename: str, way: str) -> None:
    server.add(filename, content=CONTENT[filename], hashes={})
    server.lies[f"/files/{filename}"] = {
        "chunked": lies.chunked(),
        "without a length": lies.cut(len(CONTENT[filename]), length=False),
        "encoded by its name": lies.answer("Content-Encoding: x-gzip"),
    }[way]
    assert get(server, tmp_path, filename).path.read_bytes() == CONTENT[filename]


@pytest.mark.parametrize("after", ["0", "1", "date"])
def test_a_server_that_asks_to_wait(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(Running, "pause", lambda _, seconds: pauses.append(seconds))
    server.add(SDIST, content=CONTENT[SDIST])
    wait = formatdate(time.time() + 20, usegmt=True) if after == "date" else after
    once(server, f"/files/{SDIST}", lies.answer(f"Retry-After: {wait}", status="429 Too Many Requests"))
    assert get(server, tmp_path).path.read_bytes() == CONTENT[SDIST]
    [pause] = pauses
    assert pause == pytest.approx(20 if after == "date" else float(after), abs=2 if after == "date" else 0)


def test_a_server_that_asks_for_too_much_patience(server: Server, tmp_path: Path) -> None:
    server.add(SDIST, content=CONTENT[SDIST])
    server.lies[f"/files/{SDIST}"] = lies.OF_FILES["for a long wait"]
    assert "wait for 86400 seconds" in refusal(server, tmp_path)
    assert len(server.downloads()) == 1


def test_a_server_that_trickles(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def trickle(wire: BinaryIO, content: bytes, _: str) -> None:
        wire.write(lies.head(f"Content-Length: {len(content)}"))
        for number in range(len(content)):
            wire.write(content[number : number + 1])
            time.sleep(0.02)

    monkeypatch.setattr("crossbuild.index.download._WINDOW", 0.1)
    server.add(SDIST, content=CONTENT[SDIST])
    server.lies[f"/files/{SDIST}"] = trickle
    assert "too slowly" in refusal(server, tmp_path)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"hashes": {"sha256": "0" * 64}}, "does not match its hash"),
        ({"hashes": {"sha256": ""}}, "does not match its hash"),
        ({"hashes": {"sha256": hashlib.sha256(CONTENT[SDIST]).hexdigest(), "md5": "0" * 32}}, "md5"),
        ({"hashes": {"blake9": "00"}}, "'blake9'"),
        ({"hashes": {"shake_128": "00"}}, "'shake_128'"),
        ({"size": 10}, "expected size"),
        ({"size": 10**9}, "expected size"),
        ({"size": 0}, "expected size"),
        ({"size": -1}, "expected size"),
    ],
)
def test_what_the_index_says_of_a_file_is_checked(
    server: Server, tmp_path: Path, facts: dict[str, Any], says: str
) -> None:
    server.add(SDIST, content=CONTENT[SDIST], **facts)
    assert says in refusal(server, tmp_path)


def test_hashes_that_cannot_be_checked_beside_one_that_can(server: Server, tmp_path: Path) -> None:
    digest = hashlib.sha256(CONTENT[SDIST]).hexdigest()
    server.add(SDIST, content=CONTENT[SDIST], hashes={"blake9": "00", "sha256": digest.upper()})
    assert get(server, tmp_path).sha256 == digest


# --- Caches --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["hash", "nothing"])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "unrecorded", "unchecked"])
def test_a_damaged_entry_of_the_cache_is_downloaded_again(
    server: Server, tmp_path: Path, damage: str, how: str
) -> None:
    server.add(WHEEL, content=CONTENT[WHEEL], **known(WHEEL, how))
    path = get(server, tmp_path, WHEEL).path
    record = path.with_name("source.json")
    if damage == "gone":
        path.unlink()
    elif damage == "unrecorded":
        record.write_text("{")
    else:
        path.write_bytes(path.read_bytes()[:8192] if damage == "cut" else bytes(len(CONTENT[WHEEL])))
    if damage == "unchecked":
        # As it was recorded when lengths were not checked.
        facts = json.loads(record.read_text()) | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        record.write_text(json.dumps({name: fact for name, fact in facts.items() if name != "size"}))
    again = get(server, tmp_path, WHEEL)
    assert again.path.read_bytes() == CONTENT[WHEEL]
    assert not again.is_kept
    assert get(server, tmp_path, WHEEL).is_kept


def test_a_file_of_another_size_than_the_one_that_was_downloaded_is_another(server: Server, tmp_path: Path) -> None:
    server.add(WHEEL, content=CONTENT[WHEEL], hashes={})
    get(server, tmp_path, WHEEL)
    server.pages.clear()
    changed = make_wheel(NOISE[1:])
    server.add(WHEEL, content=changed, hashes={}, size=len(changed))
    assert get(server, tmp_path, WHEEL).path.read_bytes() == changed


def test_offline_takes_nothing_damaged(server: Server, tmp_path: Path) -> None:
    server.add(SDIST, content=CONTENT[SDIST])
    path = get(server, tmp_path).path
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(NetworkError, match="--offline forbids"):
        find_sdist(index_of(server, tmp_path, offline=True), "thing")
