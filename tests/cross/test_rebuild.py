"""A wheel is built again from its statement alone, and compared."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from crossbuild.provenance.statement import statement_file
from tests.archive_server import serve_archive
from tests.commands import PROJECTS
from tests.ready import packed
from tests.unit.statement_schemas import STATEMENT_V1
from tests.unit.test_provenance import OURS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild

pytestmark = pytest.mark.cross

TAG = "manylinux_2_28_aarch64"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A sample in C."""
    copy = tmp_path / "here"
    shutil.copytree(PROJECTS / "here", copy)
    (copy / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: here\nVersion: 1.0\n")
    return copy


def person(directory: Path, zig: Path) -> dict[str, str]:
    """Return the variables of somebody who has nothing in his home but zig."""
    cache, known = directory / "cache", zig.parents[3]
    cache.mkdir(parents=True)
    for kind in ("zig", "zig-compiler"):
        (cache / kind).symlink_to(known / kind)
    places = {"HOME": directory, "CROSSBUILD_CACHE_DIR": cache, "UV_CACHE_DIR": directory / "uv"}
    return {"USER": directory.name, **{name: str(place) for name, place in places.items()}}


def test_from_the_statement_alone(crossbuild: Crossbuild, zig: Path, project: Path, tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    with serve_archive(tmp_path / "served") as server:
        sdist = packed(project, tmp_path / "served")
        words = ("wheel", f"here @ {server.url}/{sdist.name}", "--no-deps", "--provenance", "--toolchain", "zig")
        wheels: list[Path] = []
        for name in ("first", "second"):
            environ = person(tmp_path / name, zig)
            done = crossbuild(*words, "-C", "unused=1", "-w", tmp_path / name / "dist", host=TAG, environ=environ)
            assert done.returncode == 0, done.stderr
            wheels += (tmp_path / name / "dist").glob("*.whl")
        text = statement_file(wheels[0]).read_text()
        assert text == statement_file(wheels[1]).read_text(), "two users with two homes say the same"
        check_statement(text, [str(tmp_path), str(zig.parents[3]), str(crossbuild.temporary)])
        server.asked.clear()
        again = crossbuild("rebuild", wheels[0], "-w", tmp_path / "again", environ=person(tmp_path / "third", zig))
        assert again.returncode == 0, again.stderr
        assert "was built again, and is the same, byte for byte." in again.stderr
        assert server.asked == [f"/{sdist.name}"]
    made = tmp_path / "again" / wheels[0].name
    assert again.stdout == f"{made}\n"
    assert (made.read_bytes(), statement_file(made).read_text()) == (wheels[0].read_bytes(), text)


def check_statement(text: str, unsaid: list[str]) -> None:
    document = json.loads(text)
    for schema in (STATEMENT_V1, OURS):
        Draft202012Validator(schema).validate(document)
    assert [words for words in unsaid if words in text] == []
    definition = document["predicate"]["buildDefinition"]
    roles = [one["annotations"]["role"] for one in definition["resolvedDependencies"]]
    assert (roles[0], roles[-1]) == ("source", "toolchain")
    (setuptools,) = (one for one in definition["resolvedDependencies"] if one["name"].startswith("setuptools-"))
    assert setuptools["digest"].keys() == {"sha256"}
    assert definition["externalParameters"]["config-settings"] == {"unused": "1"}
    assert definition["externalParameters"]["options"] == {"host": TAG, "toolchain": "zig"}


@pytest.mark.usefixtures("zig")
def test_a_build_that_comes_out_otherwise(crossbuild: Crossbuild, project: Path, tmp_path: Path) -> None:
    """The project writes the time of its build into the wheel, and comes from a file that only its user has."""
    setup, source = project / "setup.py", project / "src/m.c"
    note = "import pathlib, time\npathlib.Path('src/when.h').write_text(f'#define WHEN \"{time.time()}\"\\n')\n"
    setup.write_text(note + setup.read_text())
    source.write_text('#include "when.h"\nconst char *when(void) { return WHEN; }\n' + source.read_text())
    sdist = packed(project, tmp_path)
    built = crossbuild("wheel", sdist, "--provenance", "--toolchain", "zig", "-w", tmp_path / "dist", host=TAG)
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    refused = crossbuild("rebuild", wheel)
    assert refused.returncode == 2
    assert "--project PATH" in refused.stderr
    again = crossbuild("rebuild", wheel, "--project", sdist)
    assert again.returncode == 14, again.stderr
    assert f"{wheel.name} was built again, and came out otherwise." in again.stderr
    assert re.search(r"^ +here\S*\.so differs in \.\w+", again.stderr, re.MULTILINE)
