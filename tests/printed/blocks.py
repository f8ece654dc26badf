"""Blocks of code that hold no commands: each is read by what its language is read by."""

from __future__ import annotations

import ast
import json
import tomllib
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from crossbuild.options.schema import schema
from tests.examples import ACTION, load_yaml
from tests.printed.commands import NOT_RUN, PRINTED_BY
from tests.printed.places import RUN_BY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.printed.markdown import Block

COMMANDS = ("console", "sh")
NO_OUTPUT = "no output"
"""The mark of a text that no program prints."""


def fault(block: Block) -> str:
    """Return what is wrong with a block that is neither run, nor marked, nor the text of a language; else nothing."""
    if block.language in COMMANDS or block.mark == NO_OUTPUT or block.mark.startswith((NOT_RUN, PRINTED_BY)):
        return ""
    if RUN_BY.keys() & {block.file, *block.file.parents}:
        return ""
    if block.language not in READERS:
        return f"Nothing is known of {block.language or 'code without a language'}. Mark it, or name its language."
    try:
        READERS[block.language](block.text)
    except (SyntaxError, ValueError) as error:
        return str(error)
    return ""


def _read_toml(text: str) -> None:
    """Read TOML; what is configuration of crossbuild in it has to be so."""
    document = tomllib.loads(text)
    if not document.keys() & {"build-system", "external", "tool"}:
        _check(document)
    _check(document.get("tool", {}).get("crossbuild", {}))


def _check(configuration: Mapping[str, Any]) -> None:
    for error in Draft202012Validator(schema()).iter_errors(configuration):
        raise ValueError(error.message)


def _read_yaml(text: str) -> None:
    """Read YAML; steps that use the action have to give it what it takes."""
    for step in YAML(typ="safe").load(text):
        if unknown := step.get("with", {}).keys() - load_yaml(ACTION)["inputs"].keys():
            raise ValueError(f"The action has no input {', '.join(unknown)}.")


READERS: Mapping[str, Callable[[str], object]] = {
    "json": json.loads,
    "python": ast.parse,
    "toml": _read_toml,
    "yaml": _read_yaml,
}
