"""What Rust's bindgen lacked on this machine: the library libclang, or the headers that belong to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossbuild.platforms.platform import Platform

ASKED_FOR_LIBCLANG = "llvm-config"
"""The program that it asks where libclang is, and can do without."""
_NO_LIBCLANG = re.compile(r"Unable to find libclang|couldn't find any valid shared libraries matching: \['libclang")
# A compiler says of a header what libclang does. Only the rest of the output tells which of them it was.
_OF_BINDGEN = re.compile(r"ClangDiagnostic|bindgen", re.IGNORECASE)
# The headers that come with a compiler: the C standard's for freestanding programs.
_NO_HEADERS = re.compile(
    r"fatal error: '(?P<name>(?:float|iso646|limits|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdnoreturn)\.h)'"
    r" file not found"
)


def bindgen_lines(output: str, platform: Platform) -> tuple[str, ...]:
    """Return what bindgen lacked, as the ``output`` of a build for ``platform`` says, and what to do about it."""
    if _NO_LIBCLANG.search(output):
        return (
            "bindgen found no libclang on this machine.",
            "Install it (Debian and Ubuntu: apt install libclang-dev), or set LIBCLANG_PATH to the directory it is in.",
        )
    lacking = _NO_HEADERS.search(output) if _OF_BINDGEN.search(output) else None
    if not lacking:
        return ()
    variable = f"BINDGEN_EXTRA_CLANG_ARGS_{platform.rust_triple.replace('-', '_')}"
    return (
        f"bindgen's libclang has no {lacking['name']}: its own headers are not installed beside it.",
        "Install a libclang that has them (Debian and Ubuntu: apt install libclang-dev), and set LIBCLANG_PATH to it,",
        f"or name a directory with headers of its version: --env '{variable}+= -isystem DIRECTORY'",
    )
