"""The farm of links that gives a shadow prefix the build Python's standard library."""

from __future__ import annotations

import shutil
from fnmatch import fnmatch
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.interpreter.prefix_layout import Layout

_SHIM = "crossbuild.backend_shim"
SHIM_MODULES = ("start.py", "places.py", "patches.py", "noticed.py")

_ENCODINGS_LAST = """

# The host's facts, in every interpreter, before any other module: see _crossbuild/start.py.
def _crossbuild_start():
    from _crossbuild import FACTS, start

    start.install(FACTS)


_crossbuild_start()
"""

_NOT_LINKED = (
    "__pycache__",  # ours has the compiled sysconfigdata beside links to the real ones
    "encodings",
    "site-packages",  # what is installed for the build Python is not for builds
    "dist-packages",
    "sitecustomize.py",
    "usercustomize.py",
    "EXTERNALLY-MANAGED",
    "config-*",  # facts of the build machine, which ours replace
    "_sysconfigdata*",
    "_sysconfig_vars*",
    "build-details*.json",
)

_EXTERNALLY_MANAGED = """\
[externally-managed]
Error=This is the cross Python of crossbuild, shared by all builds for a host. Nothing can be installed into it.
"""


def sources_of(package: str) -> list[str]:
    """Return the text of each Python file of ``package``, in the order of their names."""
    found = (file for file in files(package).iterdir() if file.name.endswith(".py"))
    return [file.read_text(encoding="utf-8") for file in sorted(found, key=lambda file: file.name)]


def shim_text(name: str) -> str:
    """Return the text of a file that runs inside the cross Python."""
    return files(_SHIM).joinpath(name).read_text(encoding="utf-8")


def plant(layout: Layout, *, build_python: BuildPython, facts: str) -> list[Path]:
    """Fill ``layout``'s ``bin`` and ``stdlib``; return the sources that are our own and need compiling.

    ``facts``: the source text of the module with the host's facts.
    """
    _executables(layout, build_python)
    stdlib = layout.stdlib
    _link_all(build_python.stdlib, stdlib, skip=_NOT_LINKED)
    # With its bytecode, or this Python would compile the standard library once more.
    _link_all(build_python.stdlib / "__pycache__", stdlib / "__pycache__", skip=("_sysconfigdata*",))
    (stdlib / "site-packages").mkdir()
    (stdlib / "EXTERNALLY-MANAGED").write_text(_EXTERNALLY_MANAGED)
    return [_encodings(build_python.stdlib / "encodings", stdlib / "encodings"), *_shim(stdlib / "_crossbuild", facts)]


def _executables(layout: Layout, build_python: BuildPython) -> None:
    """Copy the executable: followed through a link, the interpreter would find the real prefix."""
    executable = layout.executable
    executable.parent.mkdir(parents=True)
    shutil.copy2(build_python.executable, executable)
    for name in ("python", "python3"):
        (executable.parent / name).symlink_to(executable.name)
    # The Pythons that uv installs (python-build-standalone) do.
    if _finds_libpython_by_its_own_place(executable):
        _link_all(build_python.executable.parents[1] / "lib", layout.prefix / "lib", only="libpython*.so*")


def _finds_libpython_by_its_own_place(executable: Path) -> bool:
    """Return whether the dynamic loader looks for libpython relative to the executable (``$ORIGIN`` in ld.so(8))."""
    from elftools.elf.dynamic import DynamicSection
    from elftools.elf.elffile import ELFFile

    with executable.open("rb") as stream:
        sections = [part for part in ELFFile(stream).iter_sections() if isinstance(part, DynamicSection)]
        tags = [tag for section in sections for tag in section.iter_tags()]
        paths = [getattr(tag, "runpath", "") + getattr(tag, "rpath", "") for tag in tags]
        needed = [str(getattr(tag, "needed", "")) for tag in tags]
    return any("$ORIGIN" in path for path in paths) and any(name.startswith("libpython") for name in needed)


def _encodings(real: Path, ours: Path) -> Path:
    _link_all(real, ours, skip=("__pycache__", "__init__.py"))
    _link_all(real / "__pycache__", ours / "__pycache__", skip=("__init__.*",))
    source = ours / "__init__.py"
    source.write_text((real / "__init__.py").read_text(encoding="utf-8") + _ENCODINGS_LAST, encoding="utf-8")
    return source


def _shim(package: Path, facts: str) -> list[Path]:
    package.mkdir()
    texts = {"__init__.py": facts} | {name: shim_text(name) for name in SHIM_MODULES}
    for name, text in texts.items():
        (package / name).write_text(text)
    return [package / name for name in texts]


def _link_all(source: Path, directory: Path, *, skip: tuple[str, ...] = (), only: str = "*") -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir() if source.is_dir() else ():
        if fnmatch(path.name, only) and not any(fnmatch(path.name, pattern) for pattern in skip):
            (directory / path.name).symlink_to(path)
