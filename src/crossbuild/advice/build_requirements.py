"""What this machine lacks to build a build requirement, which runs here and not on the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.advice.missing_files import lacks_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.advice.missing_files import Lack


def machine_lines(output: str) -> tuple[str, ...]:
    """Return what the build of a build requirement, which printed ``output``, lacked, and what to do about it."""
    # What the build did without matters only if nothing else is known.
    lacks = [one for one in lacks_in(output) if one.decisive] or list(lacks_in(output))
    if not lacks:
        return ()
    return (
        f"Missing on this machine, where build requirements run: {', '.join(map(str, lacks))}.",
        "--sysroot-package does not help: it is for the host.",
        *_remedies(lacks),
        "Or choose a version of it that has a wheel for this machine, with --build-constraint.",
    )


def _remedies(lacks: list[Lack]) -> Iterator[str]:
    files = [file for one in lacks if (file := _FILES.get(one.kind, "").format(one.name))]
    if files:
        search = f"apt-file search {files[0]}"
        yield f"Install the development package with {', '.join(files)} here (Debian and Ubuntu: {search})."
    if programs := [one.name for one in lacks if one.kind == "program"]:
        yield f"Install {', '.join(programs)} here."


_FILES = {"header": "{}", "library": "lib{}.so", "module": "{}.pc", "cmake": "{}Config.cmake"}
"""What is looked for, by kind."""
