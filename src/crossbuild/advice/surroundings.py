"""Parts of a project that a failed build missed: submodules, files of Git LFS, and what was not copied."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.sources.placeholders import CHECK_OUT, PULL, is_pointer, missing_submodules

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_COPIED = "Not copied"
"""The first words of a line in the log that has the path of a file from the project, and why it was not copied."""
_NOT_COPIED = re.compile(rf"^{NOT_COPIED}: (?P<path>.+?) (?P<why>(?:is ignored|cannot be read).*)\n?", re.MULTILINE)
_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class _Incomplete:
    """What is in a source tree by name only."""

    submodules: tuple[str, ...]
    """Paths as ``.gitmodules`` has them."""
    pointers: tuple[str, ...]
    """Paths from the project."""


def surroundings_lines(output: str, sources: Path, project: Path) -> tuple[str, ...]:
    """Return which missing files of ``project`` the ``output`` of its failed build speaks of, and what to do.

    The project is in ``sources``, the directory of all that the build was given.
    """
    left_out = {match["path"]: match["why"] for match in _NOT_COPIED.finditer(output)}
    said = _NOT_COPIED.sub("", output)
    incomplete = _incomplete(sources, project)
    any_submodule = re.search(r"\bsubmodules?\b", said)
    submodules = [path for path in incomplete.submodules if any_submodule or _is_path_in(said, _end(path, 2))]
    pointers = [path for path in incomplete.pointers if _is_path_in(said, _end(path, 1))]
    return (
        *_lines(submodules, "is a submodule that is not checked out.", CHECK_OUT),
        *_lines(pointers, "is a pointer of Git LFS: its content is missing.", PULL),
        *(
            f"{path} {why}, so the build had no copy of it. {_fix(why)}"
            for path, why in left_out.items()
            if any(_is_path_in(said, spelling) for spelling in _spellings(path, sources, project))
        ),
    )


def _lines(paths: list[str], what: str, fix: str) -> Iterator[str]:
    yield from (f"{path} {what}" for path in paths[:_SHOWN])
    if len(paths) > _SHOWN:
        yield f"So are {len(paths) - _SHOWN} more."
    if paths:
        yield fix


def _fix(why: str) -> str:
    if "ignored" in why:
        return "Put what the build needs where git does not ignore it."
    return "Check its owner and its permissions."


def _end(path: str, parts: int) -> str:
    return "/".join(path.split("/")[-parts:])


def _spellings(path: str, sources: Path, project: Path) -> tuple[str, ...]:
    """Return ``path``, which is relative to the project, and what the copy and the original are called as a whole."""
    copy = os.path.normpath(project / path)
    return path, copy, f"/{os.path.relpath(copy, sources.resolve())}"


def _is_path_in(said: str, path: str) -> bool:
    before = "" if path.startswith(("/", "../")) else r"(?:(?<![\w.-])|(?<=-[IL]))"
    return bool(re.search(rf"{before}{re.escape(path)}(?![\w-]|\.\w)", said))


def _incomplete(sources: Path, project: Path) -> _Incomplete:
    submodules, pointers = list[str](), list[str]()
    for place, names, files in os.walk(sources):
        if ".git" in names:
            names.remove(".git")
        directory = Path(place)
        if ".gitmodules" in files:
            submodules += missing_submodules(directory)
        pointers += [os.path.relpath(directory / name, project) for name in files if is_pointer(directory / name)]
    return _Incomplete(submodules=tuple(submodules), pointers=tuple(pointers))
