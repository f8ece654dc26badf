"""What installers would not understand in METADATA and WHEEL is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import AuditError
from crossbuild.wheels.findings import RefusedWheelError
from tests.audited import audited
from tests.unit.wheel_samples import make_host, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

HOST = make_host(libc="glibc 2.36")
FILES = {"probe/__init__.py": b""}
TAG = "py3-none-any"


def refused(wheel: Path) -> dict[str, str]:
    """Return what ``wheel`` is refused for: texts by the IDs of findings."""
    with pytest.raises(RefusedWheelError) as caught:
        audited(wheel, HOST)
    return {finding.id: finding.text for finding in caught.value.findings}


def wheel_with(directory: Path, *lines: str) -> Path:
    metadata = "\n".join(("Metadata-Version: 2.1", "Name: probe", "Version: 1.0", *lines, ""))
    return make_wheel(directory, FILES, tag=TAG, pure=True, metadata=metadata)


@pytest.mark.parametrize("line", [">=3.8", ">=3.11.2", "<4", ">=3.8,!=3.9.*", "~=3.11"])
def test_a_wheel_for_the_hosts_python_passes(tmp_path: Path, line: str) -> None:
    assert audited(wheel_with(tmp_path, f"Requires-Python: {line}"), HOST).warnings == ()


@pytest.mark.parametrize("line", [">=3.12", "<3.11", "==3.10.*", "!=3.11.*", ">=3.11.3"])
def test_a_wheel_that_excludes_the_hosts_python_is_refused(tmp_path: Path, line: str) -> None:
    found = refused(wheel_with(tmp_path, f"Requires-Python: {line}"))
    assert found == {"wrong-python": f"requires Python {line}, and the host has 3.11.2"}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Requires-Python: three", "its METADATA requires a Python that cannot be read: three"),
        ("Requires-Dist: numpy (>1", "its METADATA has a requirement that cannot be read: numpy (>1"),
        ("Requires-Dist: numpy; python == 3", "its METADATA has a requirement that cannot be read: numpy; python == 3"),
        ("Requires-Dist: ./here", "its METADATA has a requirement that cannot be read: ./here"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, line: str, text: str) -> None:
    assert refused(wheel_with(tmp_path, line)) == {"invalid-metadata": text}


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("Metadata-Version: 3.0\n", "is of version 3.0; installers take 1.x and 2.x"),
        ("Metadata-Version: new\n", "is of version new; installers take 1.x and 2.x"),
        ("", "does not say its Metadata-Version; installers take 1.x and 2.x"),
    ],
)
def test_metadata_that_is_too_new_is_refused(tmp_path: Path, version: str, said: str) -> None:
    metadata = f"{version}Name: probe\nVersion: 1.0\n"
    wheel = make_wheel(tmp_path, FILES, tag=TAG, pure=True, metadata=metadata)
    assert refused(wheel) == {"invalid-metadata": f"its METADATA {said}"}


@pytest.mark.parametrize(
    ("purelib", "said"), [("", "has no Root-Is-Purelib"), ("maybe", "says Root-Is-Purelib: maybe")]
)
def test_where_a_wheel_goes_must_be_said(tmp_path: Path, purelib: str, said: str) -> None:
    wheel = make_wheel(tmp_path, FILES, tag=TAG, purelib=purelib)
    assert refused(wheel) == {"invalid-metadata": f"its WHEEL {said}; it must be true or false"}


@pytest.mark.parametrize("purelib", ["True", "FALSE"])
def test_capitals_are_understood(tmp_path: Path, purelib: str) -> None:
    assert audited(make_wheel(tmp_path, FILES, tag=TAG, purelib=purelib), HOST).warnings == ()


def test_another_project_than_the_file_name_says_is_refused(tmp_path: Path) -> None:
    metadata = "Metadata-Version: 2.1\nName: other\nVersion: 2.0\n"
    wheel = make_wheel(tmp_path, FILES, tag=TAG, pure=True, metadata=metadata)
    assert refused(wheel) == {"metadata-mismatch": "its METADATA is of other 2.0, unlike its file name"}


def test_a_refusal_is_an_error_of_the_audit() -> None:
    assert issubclass(RefusedWheelError, AuditError)


DIGITS = "9" * 5000
"""More than Python makes a number of."""


@pytest.mark.parametrize(
    "metadata",
    [
        f"Metadata-Version: {DIGITS}.0\nName: probe\nVersion: 1.0\n",
        f"Metadata-Version: 2.1\nName: probe\nVersion: {DIGITS}\n",
        f"Metadata-Version: 2.1\nName: probe\nVersion: 1.0\nRequires-Python: >={DIGITS}\n",
        f"Metadata-Version: 2.1\nName: {'a-' * 5000}!\nVersion: 1.0\n",
    ],
)
def test_numbers_and_names_without_end_are_refused_in_few_words(tmp_path: Path, metadata: str) -> None:
    found = refused(make_wheel(tmp_path, FILES, tag=TAG, pure=True, metadata=metadata))
    assert found.keys() <= {"invalid-metadata", "metadata-mismatch"}
    assert all(len(text) < 500 for text in found.values())


def test_sets_of_tags_are_not_multiplied_without_end(tmp_path: Path) -> None:
    """A hundred each of Pythons, ABIs and platforms would be a million tags, and lines can be repeated."""
    tag = "-".join([".".join(f"a{number}" for number in range(80))] * 3)
    wheel = make_wheel(tmp_path, FILES, tag=TAG, stated=[tag] * 100)
    assert refused(wheel) == {
        "tags-mismatch": "the tags of its WHEEL file (none) are not those of its name",
    }
