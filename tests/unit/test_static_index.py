"""A directory that installers take for a package index."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from crossbuild.index.index import Index
from crossbuild.options.build_options import IndexOptions
from crossbuild.system.cache import Cache
from crossbuild.wheelhouse.static_index import write_index
from crossbuild.wheels.summary import metadata_of
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def wheels(tmp_path: Path) -> list[Path]:
    directory = tmp_path / "wheels"
    directory.mkdir()
    versions = ("Some_Thing-1.0", "Some_Thing-1.1+local", "other-2")
    return [make_wheel(directory, {}, project=one, headers=["Requires-Python: >=3.8, <4"]) for one in versions]


def read_back(directory: Path, tmp_path: Path) -> Index:
    """Return the index as an installer reads its pages."""
    options = IndexOptions(index_url=directory.as_uri())
    return Index.from_options(options, environ={}, cache=Cache(root=tmp_path / "cache"))


def test_an_installer_finds_what_is_in_it(tmp_path: Path, wheels: list[Path]) -> None:
    write_index(wheels, tmp_path / "index")
    index = read_back(tmp_path / "index", tmp_path)
    found = {one.filename: one for one in index.list_all("some.thing")}
    assert found.keys() == {path.name for path in wheels[:2]}
    for wheel in wheels[:2]:
        candidate = found[wheel.name]
        assert candidate.hashes == {"sha256": hashlib.sha256(wheel.read_bytes()).hexdigest()}
        assert candidate.refuses(Version("3.7"))
        assert not candidate.refuses(Version("3.11"))
        assert candidate.metadata_hashes == {"sha256": hashlib.sha256(metadata_of(wheel)).hexdigest()}
        assert index.metadata(candidate) == metadata_of(wheel)
        assert index.fetch("some-thing", candidate).path.read_bytes() == wheel.read_bytes()


def test_both_forms_say_the_same(tmp_path: Path, wheels: list[Path]) -> None:
    write_index(wheels, tmp_path / "index")
    page = (tmp_path / "index/some-thing/index.html").read_text()
    document = json.loads((tmp_path / "index/some-thing/index.json").read_text())
    assert document["meta"] == {"api-version": "1.1"}
    assert (document["name"], document["versions"]) == ("some-thing", ["1.0", "1.1+local"])
    for file in document["files"]:
        assert f'<a href="{file["filename"]}#sha256={file["hashes"]["sha256"]}"' in page
        assert file["size"] == (tmp_path / "index/some-thing" / file["url"]).stat().st_size
    assert page.count('data-requires-python="&gt;=3.8, &lt;4"') == 2
    names = re.findall(r'<a href="([^"]+)/">', (tmp_path / "index/index.html").read_text())
    assert names == ["other", "some-thing"]
    projects = json.loads((tmp_path / "index/index.json").read_text())["projects"]
    assert projects == [{"name": name} for name in names]


def test_more_is_added_and_what_is_there_stays(tmp_path: Path, wheels: list[Path]) -> None:
    for part in (wheels[:1], wheels[1:], wheels[:1]):
        write_index(part, tmp_path / "index")
    write_index(wheels, tmp_path / "at-once")
    at_once, one_by_one = (
        {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}
        for top in (tmp_path / "at-once", tmp_path / "index")
    )
    assert one_by_one == at_once
