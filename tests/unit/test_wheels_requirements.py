"""Requirements by path name the originals of what was copied to be built."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossbuild.wheels.requires_dist import localise_requirements, with_originals
from crossbuild.wheels.summary import metadata_of
from crossbuild.wheels.wheel_contents import read_wheel
from tests.unit.wheel_samples import make_wheel

SOURCES = Path("/scratch dir/crossbuild-1/source")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"Requires-Dist: a @ {SOURCES.as_uri()}/home/me/a", "Requires-Dist: a @ file:///home/me/a"),
        (
            f"Requires-Dist: a[x]@{SOURCES.as_uri()}/home/me/a ; extra == 'y'",
            "Requires-Dist: a[x]@file:///home/me/a ; extra == 'y'",
        ),
        ("Requires-Dist: a @ file:///home/me/a", "Requires-Dist: a @ file:///home/me/a"),
        (f"Requires-Dist: a @ {SOURCES.as_uri()}2/a", f"Requires-Dist: a @ {SOURCES.as_uri()}2/a"),
        (f"Summary: a @ {SOURCES.as_uri()}/a", f"Summary: a @ {SOURCES.as_uri()}/a"),
    ],
)
def test_a_path_dependency_is_where_it_was(before: str, after: str) -> None:
    text = "Metadata-Version: 2.1\nName: b\n{}\nRequires-Dist: c\n"
    assert with_originals(text.format(before).encode(), SOURCES) == text.format(after).encode()


def test_a_wheel_stays_whole(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"a.py": b"x"}, requires=(f"a @ {SOURCES.as_uri()}/home/me/a",))
    localise_requirements(wheel, SOURCES)
    assert b"Requires-Dist: a @ file:///home/me/a\n" in metadata_of(wheel)
    assert read_wheel(wheel).problems == ()
    assert [path.name for path in tmp_path.iterdir()] == [wheel.name]


def test_nothing_is_written_where_nothing_is_to_do(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"a.py": b"x"}, requires=("a", "b @ file:///home/me/b"))
    before = wheel.stat()
    localise_requirements(wheel, SOURCES)
    assert (wheel.stat().st_ino, wheel.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_broken_wheel_is_left_to_the_audit(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"no wheel")
    localise_requirements(tmp_path / "a.whl", SOURCES)
    assert (tmp_path / "a.whl").read_bytes() == b"no wheel"
