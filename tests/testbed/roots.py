"""Roots of hosts with something of their own: linked copies of the ones that are kept."""

from __future__ import annotations

import pprint
import runpy
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.testbed.hosts import HostRoot


def linked_copy(host: HostRoot, root: Path) -> HostRoot:
    """Return a host whose root is a copy of that of ``host``. The files are shared: :func:`rewrite` changes one."""
    shutil.copytree(host.root, root, symlinks=True, copy_function=link_or_copy)
    # It is a root of somebody's own, to which nothing can be added.
    (root / ".crossbuild-sysroot.json").unlink(missing_ok=True)
    return replace(host, root=root, python=root / host.python.relative_to(host.root))


def link_or_copy(source: str, final: str) -> None:
    """Link, or copy from another file system."""
    try:
        Path(final).hardlink_to(source)
    except OSError:
        shutil.copy2(source, final)


def rewrite(file: Path, text: str) -> None:
    """Write ``file`` and leave the one that it was linked to as it is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.write_text(text, encoding="utf-8")


def change_build_variables(host: HostRoot, changes: Mapping[str, str], *, name: str = "") -> None:
    """Change what the Python of ``host``, whose root is a copy, says of its build; ``name`` is to be its one module."""
    library = host.root / "usr/lib/python{}.{}".format(*host.version)
    modules = sorted(library.glob("_sysconfigdata_*.py"))
    variables: Mapping[str, object] = runpy.run_path(str(modules[0]))["build_time_vars"]
    for module in modules:
        module.unlink()
    text = f"build_time_vars = {pprint.pformat({**variables, **changes})}\n"
    for module in [library / name] if name else modules:
        rewrite(module, text)
