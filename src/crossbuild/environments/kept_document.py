"""The documents that crossbuild keeps in a cross environment for itself: JSON, read by the version that wrote it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, TypeVar

from crossbuild import __version__
from crossbuild.errors import UsageError
from crossbuild.system.documents import parse_json, read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_Kept = TypeVar("_Kept")

MARK = ".crossbuild-environment"
"""The file that a directory with a cross environment has, whole or not, and no other directory."""
_VERSION = "crossbuild"


def versioned(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``facts`` with the version of crossbuild that they are for."""
    return {_VERSION: __version__, **facts}


def write_document(file: Path, facts: Mapping[str, Any], *, mode: int = 0o666) -> None:
    """Write :func:`versioned` facts to ``file``, which is not there yet; ``mode`` says who may read it."""
    # With its mode from the first moment, so that nobody else can open it before.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(facts, indent=2) + "\n")


def read_document(file: Path, understand: Callable[[dict[str, Any]], _Kept]) -> _Kept:
    """Return what ``understand`` makes of the facts in ``file``, in the directory of a cross environment.

    Raises UsageError if it is missing or damaged, or if another version of crossbuild wrote it.
    """
    directory = file.parent
    try:
        facts = parse_json(read_text(file))
        version = _version(facts)
        if version == __version__:
            return understand(facts)
    except FileNotFoundError:
        raise _unusable(directory, f"There is no {file.name} in it.") from None
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise _unusable(directory, f"Its {file.name} cannot be read: {error}.") from None
    raise UsageError(
        f"The cross environment in {directory} was made by crossbuild {version}; this is {__version__}.",
        fix=_make_again(directory),
    )


def _version(facts: dict[str, Any]) -> object:
    if _VERSION not in facts:
        raise ValueError("it does not say which version of crossbuild wrote it")
    return facts[_VERSION]


def _unusable(directory: Path, why: str) -> UsageError:
    if not (directory / MARK).is_file():
        fix = "Make one, in an empty directory: crossbuild env --host HOST DIRECTORY"
        return UsageError(f"{directory} holds no cross environment.", why=why, fix=fix)
    return UsageError(
        f"The cross environment in {directory} cannot be used.",
        why=f"{why} An older crossbuild made it, or something interrupted or changed it.",
        fix=_make_again(directory),
    )


def _make_again(directory: Path) -> str:
    return f"Make it again, with the same options: crossbuild env --clear --host HOST {directory}"
