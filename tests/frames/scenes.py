"""What is recorded: commands of people who have just installed crossbuild, on small projects."""

from __future__ import annotations

import contextlib
import functools
import http.server
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TAG = "manylinux_2_28_aarch64"
SYSROOT = "debian:bookworm:arm64"
_PYPROJECT = """\
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "1.0"
"""
_SETUP = """\
from setuptools import Extension, setup

{first}
setup(ext_modules=[Extension("{name}", ["{name}.c"])])
"""
_SLOW = """\
import sys
import time

if "bdist_wheel" in sys.argv:
    time.sleep(600)
"""
_CODE = """\
#include <Python.h>
{include}
static struct PyModuleDef module = {{PyModuleDef_HEAD_INIT, "{name}", NULL, -1, NULL}};

PyMODINIT_FUNC PyInit_{name}(void)
{{
    {statement}return PyModule_Create(&module);
}}
"""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A command, and the directory that it is run in."""

    name: str
    words: str
    """The command line, after ``crossbuild``."""
    prepare: Callable[[Path], object]
    status: int = 0
    interrupt_at: str = ""
    is_cold: bool = False
    """Whether the cache has nothing."""


def project(directory: Path, name: str, *, include: str = "", statement: str = "", first: str = "") -> None:
    """Write a project with one extension module."""
    place = directory / name
    place.mkdir()
    (place / "pyproject.toml").write_text(_PYPROJECT.format(name=name))
    (place / "setup.py").write_text(_SETUP.format(name=name, first=first))
    (place / f"{name}.c").write_text(_CODE.format(name=name, include=include, statement=statement))


def five(directory: Path) -> None:
    """Write two projects, a wheel to be found, one to be downloaded, and the file that lists them with a fifth."""
    for name in ("alpha", "beta", "gamma"):
        project(directory, name)
    for place, name in (("links", "delta"), ("served", "epsilon")):
        (directory / place).mkdir()
        make_wheel(directory / place, {f"{name}.py": b""}, tag="py3-none-any", project=f"{name}-1.0", pure=True)


SCENES = (
    Scene(
        name="first-build",
        words=f"wheel ./hello --host {TAG} -w wheelhouse",
        prepare=functools.partial(project, name="hello"),
        is_cold=True,
    ),
    Scene(
        name="set-of-five",
        words=f"wheel -r requirements.txt --host {TAG} -w wheelhouse --find-links links",
        prepare=five,
    ),
    Scene(
        name="failing-build",
        words=f"wheel ./broken --host {TAG}",
        prepare=functools.partial(project, name="broken", statement="retrun 1;\n    "),
        status=7,
    ),
    Scene(
        name="missing-header",
        words=f"wheel ./reader --host {SYSROOT}",
        prepare=functools.partial(project, name="reader", include="#include <yaml.h>\n"),
        status=7,
    ),
    Scene(
        name="installation",
        words=f"install ./alpha delta --host {SYSROOT} --find-links links --root image --sbom image.json",
        prepare=five,
    ),
    Scene(
        name="ctrl-c",
        words=f"wheel ./slow --host {TAG}",
        prepare=functools.partial(project, name="slow", first=_SLOW),
        status=130,
        interrupt_at="Build slow",
    ),
)


@contextlib.contextmanager
def served(directory: Path) -> Iterator[int]:
    """Serve ``directory`` to programs on this machine; give the port."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=directory)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
