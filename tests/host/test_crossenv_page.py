"""The tables of "Coming from crossenv" have all of crossenv's documentation, and nothing that is not tested."""

from __future__ import annotations

import fnmatch
import re
import tarfile
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from crossbuild.index.index import Index
from crossbuild.options.build_options import IndexOptions
from crossbuild.system.cache import Cache
from tests.crossenv import VERSION, documented_lines, table
from tests.host.test_crossenv import row

if TYPE_CHECKING:
    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def sources(bed: Bed, crossbuild: Crossbuild) -> dict[str, str]:
    """The texts in crossenv's sdist, by their names."""
    index = Index.from_options(IndexOptions(), environ=bed.environ, cache=Cache(root=crossbuild.cache_dir))
    sdist = index.find_sdist("crossenv", Version(VERSION))
    assert sdist
    with tarfile.open(sdist.path) as archive:
        names = [name for name in archive.getnames() if name.endswith((".py", ".rst", ".tmpl"))]
        return {name.partition("/")[2]: file.read().decode() for name in names if (file := archive.extractfile(name))}


def test_each_row_has_a_test_with_the_same_commands() -> None:
    assert table("Commands") == row.known


def test_each_command_line_of_crossenvs_documentation_has_its_row(sources: dict[str, str]) -> None:
    documents = [text for name, text in sources.items() if name.endswith(".rst")]
    assert len(documents) == 5  # the README, and four pages
    patterns = [line.replace("…", "*") for lines in table("Commands") for line in lines]
    lines = documented_lines(*documents)
    assert {line for line in lines if not any(fnmatch.fnmatchcase(line, it) for it in patterns)} == set()
    # And what is called a command line of crossenv's is one.
    own = {"cross-expose --list", "cross-expose --unexpose Cython", "cross-expose Cython"}
    assert {it for it in patterns if it not in own and not fnmatch.filter(lines, it)} == set()


def test_each_option_has_its_row(sources: dict[str, str]) -> None:
    there = set(re.findall(r'"(--[\w-]+)"', sources["crossenv/__init__.py"].partition("def main")[2]))
    assert there == {option for options in table("Options") for it in options for option in re.findall(r"--[\w-]+", it)}


def test_each_option_of_cross_expose_has_its_row(sources: dict[str, str]) -> None:
    there = set(re.findall(r'"(--[\w-]+)"', sources["crossenv/scripts/cross-expose.py.tmpl"].partition("def main")[2]))
    (lines,) = (lines for lines in table("Commands") if "cross-expose" in lines)
    assert there - {"--verbose"} == {option for line in lines for option in re.findall(r"--[\w-]+", line)}
