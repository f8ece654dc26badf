"""Checks of the results of a build backend's hooks (PEP 517)."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement

from crossbuild.system.requirement_text import read_requirement, shown

if TYPE_CHECKING:
    from pathlib import Path


class WrongAnswerError(ValueError):
    """A hook returned something that PEP 517 does not allow. The text is the whole reason."""


def requirements(answer: object) -> set[str]:
    """Return the requirements in the ``answer`` of a ``get_requires`` hook. Raises WrongAnswerError."""
    if not isinstance(answer, list | tuple):
        raise WrongAnswerError(f"It returned {shown(answer)}, not a list of requirements.")
    return {_requirement(one) for one in answer}


def _requirement(one: object) -> str:
    try:
        read_requirement(one)
    except InvalidRequirement as error:
        raise WrongAnswerError(f"It returned {shown(one)}, which is not a requirement: {error}") from None
    return str(one)


def made_file(answer: object, into: Path, *, endings: tuple[str, ...]) -> Path:
    """Return the file in ``into`` that ``answer`` names. Raises WrongAnswerError."""
    path = into / _name(answer, endings)
    if not path.is_file():
        raise WrongAnswerError(f"It returned {shown(answer)}, but it did not write that file.")
    return path


def made_directory(answer: object, into: Path, *, endings: tuple[str, ...]) -> Path:
    """Return the directory in ``into`` that ``answer`` names. Raises WrongAnswerError."""
    path = into / _name(answer, endings)
    if not path.is_dir():
        raise WrongAnswerError(f"It returned {shown(answer)}, but it did not make that directory.")
    return path


def _name(answer: object, endings: tuple[str, ...]) -> str:
    is_name = isinstance(answer, str) and answer.isprintable() and PurePath(answer).name == answer
    if not (is_name and str(answer).endswith(endings)):
        raise WrongAnswerError(f"It returned {shown(answer)}, not a name that ends in {' or '.join(endings)}.")
    return str(answer)
