"""Do the libraries of a wheel define the symbol versions that its other files need of them?

Source: glibc's elf/dl-version.c. A library without any versions serves every version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossbuild.wheels.findings import WheelFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.wheels.loading import Loading, Scope


def inner_version_problems(loading: Loading) -> Iterator[WheelFinding]:
    """Yield a problem for each version that a library in the wheel does not define."""
    # A library may be loaded with several extensions.
    yield from dict.fromkeys(problem for scope in loading.scopes for problem in _problems_in(scope))


def _problems_in(scope: Scope) -> Iterator[WheelFinding]:
    libraries = {name: elf for elf in scope.files for name in (elf.base_name, elf.soname)}
    for elf in scope.files:
        for need in elf.version_needs:
            library = libraries.get(need.library)
            if library and library.version_definitions and need.version not in library.version_definitions:
                text = f"needs {need.version} of {need.library}, which {library.name} does not define"
                yield WheelFinding(id="missing-version", file=elf.name, text=text)
