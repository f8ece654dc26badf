"""What a distribution says of itself: METADATA for the resolver, and where it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import RequirementsError
from crossbuild.resolve.metadata import Metadata
from crossbuild.wheels.distribution import Origin

if TYPE_CHECKING:
    from pathlib import Path

HEAD = b"Metadata-Version: 2.1\nName: Probe\nVersion: 1.0\n"


def test_the_description_requires_nothing() -> None:
    read = Metadata.from_bytes(HEAD + b"Requires-Dist: one\n\nRequires-Dist: two\n", label="probe")
    assert (read.name, list(map(str, read.requires))) == ("probe", ["one"])


def test_of_several_values_the_first_counts_as_for_pip() -> None:
    more = b"Name: other\nRequires-Python: >=3.8\nRequires-Python: >=4\n"
    read = Metadata.from_bytes(HEAD + more, label="probe")
    assert (read.name, read.requires_python) == ("probe", ">=3.8")


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (b"no field\nRequires-Dist: one\n", "The metadata of probe cannot be read."),
        (b"Requires-Dist: caf\xe9\n", "probe has an invalid requirement"),
    ],
)
def test_no_requirement_gets_lost(more: bytes, fault: str) -> None:
    with pytest.raises(RequirementsError, match=fault):
        Metadata.from_bytes(HEAD + more, label="probe")


@pytest.mark.parametrize("field", ["Metadata-Version", "Name", "Version"])
def test_what_every_distribution_has_is_named_if_missing(field: str) -> None:
    lines = [line for line in HEAD.splitlines(keepends=True) if not line.startswith(f"{field}:".encode())]
    with pytest.raises(RequirementsError) as raised:
        Metadata.from_bytes(b"".join(lines), label="probe")
    assert raised.value.why == f"It has no {field}."


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ("one>=2", ["one>=2"]),
        ("one>=2; python_version < '3' or os_name == 'posix'", ["one>=2"]),
        ("one; os_name == 'nt'", []),
        ("one @ https://example.org/one;v=2.zip", ["one https://example.org/one;v=2.zip"]),
        ("one @ https://example.org/one;v=2.zip ; os_name == 'nt'", []),
    ],
)
def test_an_extra_of_a_pyproject_requires_what_it_says(tmp_path: Path, text: str, required: list[str]) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "probe"\nversion = "1"\noptional-dependencies = {{Fast_er = ["{text}"]}}\n'
    )
    read = Metadata.from_project(tmp_path, version=None)
    assert read
    environment = {"os_name": "posix", "python_version": "3.13"}
    with_extra = read.required(environment, ["fast-er"])
    assert [f"{one.name}{f' {one.url}' if one.url else one.specifier}" for one in with_extra] == required
    assert not list(read.required(environment, []))


@pytest.mark.parametrize("hashes", [{"hash": "sha256=00ff"}, {"hashes": {"sha256": "00ff"}}])
def test_the_hash_of_an_archive_is_read_in_both_spellings_of_pep_610(hashes: dict[str, object]) -> None:
    origin = Origin.from_direct({"url": "https://example.org/probe.zip", "archive_info": hashes})
    assert (origin.filename, origin.hashes) == ("probe.zip", {"sha256": "00ff"})


@pytest.mark.parametrize(
    "document",
    [
        {"url": "https://example.org/probe.zip"},
        {"url": "https://example.org/probe.zip", "archive_info": {}, "dir_info": {}},
        {"url": "https://example.org/probe", "vcs_info": {"vcs": "git"}},
        {"archive_info": {}},
    ],
)
def test_what_pep_610_does_not_allow_is_no_origin(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"required|Exactly one"):
        Origin.from_direct(document)
