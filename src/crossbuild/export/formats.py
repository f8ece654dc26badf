"""The formats that a host can be exported in, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.export.build_tools import cargo_text, env_text, meson_text
from crossbuild.export.python import build_details_text, pyo3_text, sysconfigdata_text
from crossbuild.export.support import Support

if TYPE_CHECKING:
    from crossbuild.session.target import Target
    from crossbuild.system.cache import Cache

_TEXTS = {
    "meson": meson_text,
    "cmake": Support.cmake_text,
    "cargo": cargo_text,
    "pyo3": pyo3_text,
    "build-details": build_details_text,
    "env": env_text,
    "sysconfigdata": sysconfigdata_text,
}


def export_text(target: Target, form: str, cache: Cache) -> str:
    """Return the host as the text of a file in the format ``form``.

    What it names is in ``cache``: the compilers, headers and a few files beside them.
    """
    return _TEXTS[form](Support.provide(target, cache))
