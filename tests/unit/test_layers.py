"""Imports point downwards only: the whole package can be drawn as one column, and nothing reaches back up."""

from __future__ import annotations

import ast
import importlib.util
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import crossbuild

if TYPE_CHECKING:
    from collections.abc import Iterator

ORDER = (
    *("redaction", "reporting", "terminal", "errors", "system"),
    *("declarations", "platforms", "emulation"),
    *("build_python", "toolchain", "host", "sysroot"),
    *("options", "provenance"),
    *("backend_shim", "interpreter", "native"),
    *("index", "wheels", "repair", "sources", "session", "runtimes", "advice", "reproducible"),
    *("building",),
    *("resolve", "requirements", "wheelhouse", "image", "testing", "environments", "upkeep", "diagnosis", "export"),
    *("frontend", "api", "cli", "__main__"),
)
"""The modules and packages directly below ``crossbuild``, the lowest first."""

ROOT = Path(crossbuild.__file__).parent
FILES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in ROOT.rglob("*.py")
}
INJECTED = [name for name in FILES if name.startswith("crossbuild.backend_shim.")]
"""The files that run inside the cross Python. (The package's ``__init__`` does not.)"""


def nodes(tree: ast.AST, *, types: bool) -> Iterator[ast.AST]:
    """Yield every node of ``tree``, those under ``if TYPE_CHECKING`` only with ``types``."""
    for node in ast.iter_child_nodes(tree):
        if types or not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from nodes(node, types=types)


def imports(name: str, *, types: bool = True) -> Iterator[str]:
    """Yield what the module imports, wherever in it: at its head, in functions, for types."""
    path = FILES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in nodes(ast.parse(path.read_bytes()), types=types):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            for alias in node.names:
                member = f"{module}.{alias.name}"
                yield member if member in FILES else module


def own_imports(name: str, *, types: bool = True) -> set[str]:
    found = imports(name, types=types)
    return {module for module in found if module.partition(".")[0] == "crossbuild"} - {"crossbuild"}


def layer(name: str) -> str:
    return name.split(".")[1]


@pytest.mark.parametrize("name", sorted(FILES.keys() - {"crossbuild"}))
def test_imports_point_downwards(name: str) -> None:
    assert layer(name) in ORDER, f"say in ORDER where {layer(name)} belongs"
    below = ORDER[: ORDER.index(layer(name)) + 1]
    upwards = {module for module in own_imports(name) if layer(module) not in below}
    assert not upwards, f"{name} is below what it imports"


def test_there_are_no_cycles() -> None:
    TopologicalSorter({name: own_imports(name, types=False) for name in FILES}).prepare()


def test_every_layer_exists() -> None:
    assert set(ORDER) == {layer(name) for name in FILES if name != "crossbuild"}


@pytest.mark.parametrize("name", INJECTED)
def test_injected_files_stand_alone(name: str) -> None:
    """They run in an interpreter that has none of our dependencies, under Pythons as old as 3.8."""
    foreign = {module for module in imports(name) if module.partition(".")[0] not in sys.stdlib_module_names}
    assert foreign <= set(INJECTED)
    ast.parse(FILES[name].read_bytes(), feature_version=(3, 8))


def test_the_checks_see_imports() -> None:
    assert "crossbuild.frontend" in own_imports("crossbuild.cli.app", types=False), "in a function"
    assert "crossbuild.reporting" in own_imports("crossbuild.cli.app"), "for types"
    assert "crossbuild.reporting" not in own_imports("crossbuild.cli.app", types=False)
    assert "crossbuild.cli.manual" in own_imports("crossbuild.cli.options", types=False), "at the head"
    assert INJECTED
