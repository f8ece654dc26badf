"""The modules of a wheel that a test imports."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.wheels.extension_names import suffix_of
from crossbuild.wheels.wheel_contents import read_wheel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_SITE = re.compile(r"^[^/]+\.data/(?:purelib|platlib)/")
_INIT = "__init__"


def modules_of(wheel: Path) -> list[str]:
    """Return the top-level modules and packages of ``wheel``, and all its extension modules, sorted.

    A package in a namespace counts as top-level. Raises AuditError if it is not a wheel.
    """
    contents = read_wheel(wheel)
    extensions = {elf.name: suffix for elf in contents.elf_files if (suffix := suffix_of(elf))}
    names = {
        *(PurePosixPath(_SITE.sub("", name).removesuffix(suffix)) for name, suffix in extensions.items()),
        *_top_level({PurePosixPath(_SITE.sub("", name)) for name in contents.files}),
    }
    modules = {".".join(name.parts).removesuffix(f".{_INIT}") for name in names}
    return sorted(module for module in modules if _is_module(module))


def _top_level(files: Collection[PurePosixPath]) -> Iterator[PurePosixPath]:
    packages = {file.parent for file in files if file.name == f"{_INIT}.py"}
    for file in files:
        if file.suffix == ".py" and len(file.parts) == 1 and file.stem != "__main__":
            yield file.with_suffix("")
    yield from (package for package in packages if packages.isdisjoint(package.parents))


def _is_module(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))
