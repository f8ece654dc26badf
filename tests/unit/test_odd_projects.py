"""Projects whose pyproject.toml nobody can mean, on the command line: a sentence, and the code of a broken project."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from crossbuild.building.build_system import BuildSystem
from crossbuild.errors import SourceError, UsageError
from crossbuild.index.index import Index
from crossbuild.options.build_options import IndexOptions
from crossbuild.requirements.groups import group_requirements
from crossbuild.resolve.metadata import Metadata
from crossbuild.sources.direct import get_direct

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.system.cache import Cache

FAR = f"[project]\nname = 'a'\nversion = '1'\nrequires-python = '>={'9' * 5000}'\n"
DEEP = "[" * 100_000


def table(requires: str = "[]", more: str = "") -> str:
    return f'[build-system]\nrequires = {requires}\nbuild-backend = "backend"\n{more}\n'


@pytest.mark.parametrize(
    "text",
    [
        *map(
            table,
            ('["-r /etc/passwd"]', '["--pre"]', '[""]', '["a\\u0000b"]', '["a @ https://x/\\u0000"]', '["a\\nb"]'),
        ),
        *map(table, ('["a==' + "9" * 5000 + '"]', "[1]", '"setuptools"', "{}", '[["a"]]', '["./a"]', DEEP)),
        *(table(more=more) for more in ('backend-path = "."', 'backend-path = ["a\\u0000"]', "a = 1", f"a = {DEEP}")),
        *("build-system = 1", "[[build-system]]\nrequires = []", "a = " + "9" * 5000, "a"),
        '[build-system]\nrequires = []\nbuild-backend = "a\\u0000b"\n',
        "[build-system]\nrequires = []\nbuild-backend = 1\n",
    ],
)
def test_no_build_system(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(SourceError, match="has no usable build-system table") as caught:
        BuildSystem.from_directory(tmp_path)
    assert 0 < len(caught.value.why) < 1500


ODD: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a device": lambda file: file.symlink_to("/dev/zero"),
    "a link to itself": lambda file: file.symlink_to(file.name),
    "a directory": lambda file: file.mkdir(),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_pyproject_that_is_no_file(tmp_path: Path, odd: str) -> None:
    ODD[odd](tmp_path / "pyproject.toml")
    with pytest.raises(SourceError, match="has no usable build-system table"):
        BuildSystem.from_directory(tmp_path)
    with pytest.raises(UsageError, match="could not be read"):
        group_requirements(f"{tmp_path}/pyproject.toml:a")


@pytest.mark.parametrize(
    "facts",
    [
        "name = 1\nversion = '1'",
        "name = 'a\\n'\nversion = '1'",
        "name = '../a'\nversion = '1'",
        "name = 'a'\nversion = 1",
        f"name = 'a'\nversion = '{'9' * 5000}'",
        "name = 'a'\nversion = '1'\ndependencies = 'abc'",
        "name = 'a'\nversion = '1'\noptional-dependencies = [1]",
        "name = 'a'\nversion = '1'\noptional-dependencies = {a = 1}",
        "name = 'a'\nversion = '1'\noptional-dependencies = {a = [1]}",
        "name = 'a'\nversion = '1'\nrequires-python = 3",
        "name = 'a'\nversion = '1'\ndynamic = [[1]]",
        f"name = 'a'\nversion = '1'\na = {DEEP}",
    ],
)
def test_a_promise_without_sense_is_none(tmp_path: Path, facts: str) -> None:
    """The backend is asked, and says what is wrong with it."""
    (tmp_path / "pyproject.toml").write_text(f"[project]\n{facts}\n")
    assert Metadata.from_project(tmp_path, version=None) is None


def test_a_python_that_cannot_be_compared_with_any(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f"[project]\nname = 'a'\nversion = '1'\nrequires-python = '>={'9' * 5000}'\n"
    )
    assert Metadata.from_project(tmp_path, version=None)


def chain(length: int) -> str:
    lines = (f"g{number} = [{{include-group = 'g{number + 1}'}}]" for number in range(length))
    return "\n".join(["[dependency-groups]", *lines, f"g{length} = []"])


@pytest.mark.parametrize("text", [f"a = {DEEP}", chain(3000), "dependency-groups = 1"])
def test_no_dependency_group(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError):
        group_requirements(f"{tmp_path}/pyproject.toml:g0")


@pytest.mark.parametrize(
    "url",
    [
        "git+file:///x@--upload-pack=touch",
        "git+ssh://-oProxyCommand=touch/x",
        "git+ssh://git@-oProxyCommand=touch/x@main",
        "hg+file:///x@--config=x",
        "svn+https://x.example/x@--config-dir=x",
        "git+file:///x@main#subdirectory=../../etc",
        "git+file:///x@main#subdirectory=/etc",
    ],
)
def test_nothing_is_an_option_of_git(tmp_path: Path, cache: Cache, url: str) -> None:
    index = Index.from_options(IndexOptions(no_index=True), environ={}, cache=cache)
    with pytest.raises(UsageError, match=r"an option where|is not below the repository"):
        get_direct(url, index=index, into=tmp_path)
