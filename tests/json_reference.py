"""The JSON documents of the reference, and how others differ from them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.examples import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = (REPOSITORY / "docs/reference/json.md").read_text()
_FIRST, *_OTHERS = re.split(r"^## ", REFERENCE, flags=re.MULTILINE)
SECTIONS = {"wheel": _FIRST} | {
    command: section for section in _OTHERS for command in re.findall(r"`crossbuild ([^`]+)`", section.splitlines()[0])
}
"""The parts of the reference, by the commands in their headings."""


def documented(command: str) -> Any:
    found = re.search(r"```json\n(.*?)```", SECTIONS[command], re.DOTALL)
    assert found
    return json.loads(found[1])


def terms(command: str) -> set[str]:
    """Return the members that are explained."""
    heads = re.findall(r"^ *(`.*`)\n *: ", SECTIONS[command], re.MULTILINE)
    return set(re.findall(r"`([^`]+)`", " ".join(heads)))


def differences(said: Any, real: Any, where: str = "") -> Iterator[str]:
    """Yield where a member of ``said`` is missing in ``real``, or is of another type."""
    if said is None or real is None:
        return
    if type(said) is not type(real):
        yield f"{where} is {type(real).__name__}"
    elif isinstance(said, dict):
        yield from (f"{where}.{name} is missing" for name in said.keys() - real.keys())
        for name in said.keys() & real.keys():
            yield from differences(said[name], real[name], f"{where}.{name}")
    elif isinstance(said, list):
        for one in real:
            yield from differences(said[0], one, f"{where}[]")


def members(document: Any) -> set[str]:
    """Return the names of all members, at any depth."""
    if isinstance(document, dict):
        return set(document).union(*map(members, document.values()))
    return set().union(*map(members, document)) if isinstance(document, list) else set()
