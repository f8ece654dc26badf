"""What a build backend's hooks return (PEP 517), checked: backends are programs of others, too."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement

from crossbuild.requirement_text import read_requirement, shown

if TYPE_CHECKING:
    from pathlib import Path


class WrongAnswerError(ValueError):
    """A hook returned something else than PEP 517 says; the text is the whole reason."""


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
        raise WrongAnswerError(f"It returned {shown(answer)}, but there is no such file where it had to write it.")
    return path


def made_directory(answer: object, into: Path, *, endings: tuple[str, ...]) -> Path:
    """Return the directory in ``into`` that ``answer`` names. Raises WrongAnswerError."""
    path = into / _name(answer, endings)
    if not path.is_dir():
        raise WrongAnswerError(f"It returned {shown(answer)}, but there is no such directory where it had to make it.")
    return path


def _name(answer: object, endings: tuple[str, ...]) -> str:
    is_name = isinstance(answer, str) and answer.isprintable() and PurePath(answer).name == answer
    if not (is_name and str(answer).endswith(endings)):
        raise WrongAnswerError(f"It returned {shown(answer)}, not a name that ends in {' or '.join(endings)}.")
    return str(answer)
