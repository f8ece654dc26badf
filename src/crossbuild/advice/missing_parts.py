"""Parts of a project that a failed build missed: submodules, files of Git LFS, and what was not copied."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.sources.placeholders import CHECK_OUT, PULL, is_pointer, missing_submodules
from crossbuild.sources.surroundings import HUGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOT_COPIED = "Not copied"
"""The first words of a line in the log that has the path of a file from the project, and why it was not copied."""
_NOT_COPIED = re.compile(
    rf"^{NOT_COPIED}: (?P<path>.+?) (?P<why>(?:is ignored|is not tracked|cannot be read).*)\n?", re.MULTILINE
)
_MISSING = re.compile(r"(?i)no such file|not found|does not exist|cannot find|no rule to make|not an existing")
_WORD = re.compile(r"\w+")
_SHOWN = 3
_NOT_IN_ARCHIVES = (
    "Archives of repositories have no submodules. Give the project's sdist, or the repository (git+https://…)."
)


@dataclass(frozen=True, kw_only=True)
class _Incomplete:
    """What is in a source tree by name only."""

    submodules: tuple[str, ...]
    """Paths as ``.gitmodules`` has them."""
    is_archive: bool
    """Whether there is no repository that they could be checked out in."""
    pointers: tuple[str, ...]
    """Paths from the project."""


def surroundings_lines(output: str, sources: Path, project: Path) -> tuple[str, ...]:
    """Return which missing files of ``project`` the ``output`` of its failed build speaks of, and what to do.

    The project is in ``sources``, the directory of all that the build was given.
    """
    left_out = {match["path"]: match["why"] for match in _NOT_COPIED.finditer(output)}
    # Our own lines in the log name the files as well, and say nothing of what the build missed.
    said = _NOT_COPIED.sub("", output)
    incomplete = _incomplete(sources, project, words={*_WORD.findall(said)})
    any_submodule = re.search(r"\bsubmodules?\b", said)
    submodules = [path for path in incomplete.submodules if any_submodule or _is_path_in(said, _end(path, 2))]
    pointers = [path for path in incomplete.pointers if _is_path_in(said, _end(path, 1))]
    fix = _NOT_IN_ARCHIVES if incomplete.is_archive else CHECK_OUT
    return (
        *_lines(submodules, "is a submodule that is not checked out.", fix),
        *_lines(pointers, "is a pointer of Git LFS: its content is missing.", PULL),
        *(
            f"{path} {why}, so the build had no copy of it. {_fix(why)}"
            for path, why in left_out.items()
            if not _holds_us(path, sources, project) and _is_missed(path, why, said, sources, project)
        ),
    )


def _lines(paths: Sequence[str], what: str, fix: str) -> Iterator[str]:
    yield from (f"{path} {what}" for path in paths[:_SHOWN])
    if len(paths) > _SHOWN:
        yield f"So are {len(paths) - _SHOWN} more."
    if paths:
        yield fix


def _fix(why: str) -> str:
    if why == HUGE:
        return "Move it out of the repository, and put a link to it in its place."
    if "ignored" in why:
        return "Put what the build needs where git does not ignore it."
    return "Check its owner and its permissions."


def _end(path: str, parts: int) -> str:
    return "/".join(path.split("/")[-parts:])


def _holds_us(path: str, sources: Path, project: Path) -> bool:
    """Return whether crossbuild runs from there, so that its commands name it: the user's own environment."""
    _, _, original = _spellings(path, sources, project)
    return Path(sys.prefix).is_relative_to(original)


def _is_missed(path: str, why: str, said: str, sources: Path, project: Path) -> bool:
    """Return whether a build that said that missed ``path``.

    In the project, a build makes directories that have the names of those that are not copied.
    """
    if path.startswith("../") or "cannot be read" in why:
        return any(_is_path_in(said, spelling) for spelling in _spellings(path, sources, project))
    original = Path("/", os.path.relpath(project, sources.resolve()))
    lines = "\n".join(filter(_MISSING.search, said.splitlines()))
    names = [name.rstrip(".") for name in re.findall(rf"(?<![\w.-]){re.escape(path)}(?:/[\w.+-]+)*", lines)]
    return any((original / name).exists() and not (project / name).exists() for name in names)


def _spellings(path: str, sources: Path, project: Path) -> tuple[str, ...]:
    """Return ``path``, which is relative to the project, and what the copy and the original are called as a whole."""
    copy = os.path.normpath(project / path)
    return path, copy, f"/{os.path.relpath(copy, sources.resolve())}"


def _is_path_in(said: str, path: str) -> bool:
    before = "" if path.startswith(("/", "../")) else r"(?:(?<![\w.-])|(?<=-[IL]))"
    return bool(re.search(rf"{before}{re.escape(path)}(?![\w-]|\.\w)", said))


def _incomplete(sources: Path, project: Path, *, words: set[str]) -> _Incomplete:
    """Return what is incomplete: of the pointers, those whose names are among ``words``."""
    submodules, pointers, is_archive = list[str](), list[str](), True
    for place, names, files in os.walk(sources):
        directory = Path(place)
        if ".gitmodules" in files and (missing := [*missing_submodules(directory)]):
            submodules += missing
            is_archive = is_archive and ".git" not in {*names, *files}
        if ".git" in names:
            names.remove(".git")  # os.walk() then leaves it out
        pointers += [
            os.path.relpath(directory / name, project)
            for name in files
            if words.issuperset(_WORD.findall(name)) and is_pointer(directory / name)
        ]
    return _Incomplete(submodules=tuple(submodules), is_archive=is_archive, pointers=tuple(pointers))
