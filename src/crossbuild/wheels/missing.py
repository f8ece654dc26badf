"""Extensions that a build lost without saying so, found in the record of its compiler runs.

Backends let an extension be optional: its compile fails, the build goes on, the exit status is zero. A failed run is
taken for such a loss, and not for a question to the compiler (a configure probe), if

1. it compiles a source file that belongs to the project (below the compiler's working directory or a directory of the
   build; not standard input, not a temporary file, not a file that is gone by now, as probes tidy up) with the Python
   headers on its include path, or links a shared object inside the build; and
2. neither the source nor the output lies where tools are known to keep probes (autoconf's ``conftest``, distutils'
   ``_configtest``, CMake's try_compile and compiler identification, Meson's ``meson-private``, SCons, waf); and
3. no later run succeeded in making the same output, or in compiling the same source under another suffix.

Extensions always see the Python headers, since they include ``Python.h``; probes of compiler options, headers and
functions hardly ever do. What is lost without a compiler run (a rustc that failed, a setup.py that looked for a
library and left the extension out) leaves no trace here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.wheels.extension_names import importable_suffixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crossbuild.host.model import Host
    from crossbuild.toolchain.compile_record import Invocation

_COMPILERS = {"cc", "cxx", "fc"}
_LINKERS = _COMPILERS | {"ld"}
_SOURCE_SUFFIXES = {".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".m", ".mm", ".s", ".S", ".f", ".f90", ".F90"}
_TAKES_VALUE = {
    *("-o", "-I", "-L", "-D", "-U", "-x", "-include", "-isystem", "-iquote", "-idirafter"),
    *("-MF", "-MT", "-MQ"),
}
_ONLY_LOOKS = {"-E", "-M", "-MM", "-fsyntax-only"}
_PYTHON_INCLUDE = re.compile(r"python\d+\.\d+[a-z]*")
_SCRATCH = re.compile(
    r"conftest.*|_configtest.*|config\.tests|CMakeScratch|CMakeTmp|CompilerId\w+|CMakeDetermineCompilerABI_\w+\.bin"
    r"|cmTC_\w+|meson-private|\.sconf_temp|\.conf_check_.*"
)
# The names that Python's tempfile chooses.
_TEMPORARY = re.compile(r"tmp[a-z0-9_]{8}(\..*)?")


@dataclass(frozen=True, kw_only=True)
class LostExtension:
    """A compiler run that failed, and that nothing made good."""

    file: str
    """The source that did not compile, or the shared object that was not linked, as the command named it."""
    linking: bool

    def __str__(self) -> str:
        """Return the clause that an error shows."""
        return f"{self.file} failed to {'link' if self.linking else 'compile'}, and the build went on without it"


def lost_extensions(
    invocations: Sequence[Invocation], *, host: Host, build_paths: Sequence[Path]
) -> tuple[LostExtension, ...]:
    """Return what failed for good among ``invocations``, which are in the order in which they ended."""
    lost: dict[str, LostExtension] = {}
    for position, invocation in enumerate(invocations):
        if invocation.status == 0 or not _makes_code(invocation):
            continue
        file = _failed_source(invocation, host, build_paths) or _failed_link(invocation, host, build_paths)
        if file and not _made_good(invocation, invocations[position + 1 :]):
            lost[file] = LostExtension(file=file, linking=not _is_source(file))
    return tuple(lost.values())


def linked_extensions(invocations: Iterable[Invocation], host: Host) -> tuple[str, ...]:
    """Return the file names of the extensions that were linked, by the suffixes that only extensions have."""
    suffixes = tuple(suffix for suffix in importable_suffixes(host) if suffix != ".so")
    names = (
        Path(invocation.output).name
        for invocation in invocations
        if invocation.status == 0
        and invocation.tool in _LINKERS
        and invocation.output
        and invocation.output.endswith(suffixes)
        and not _is_scratch(_absolute(invocation, invocation.output))
    )
    return tuple(dict.fromkeys(names))


def _makes_code(invocation: Invocation) -> bool:
    return invocation.tool in _LINKERS and _ONLY_LOOKS.isdisjoint(invocation.arguments)


def _failed_source(invocation: Invocation, host: Host, build_paths: Sequence[Path]) -> str | None:
    sources = list(_sources(invocation))
    output = _absolute(invocation, invocation.output or "")
    if not sources or _is_scratch(output) or not _sees_python(invocation, host):
        return None
    return next(
        (source for source in sources if _is_ours(_absolute(invocation, source), invocation, build_paths)), None
    )


def _failed_link(invocation: Invocation, host: Host, build_paths: Sequence[Path]) -> str | None:
    output = invocation.output
    if not output or any(_sources(invocation)) or "-c" in invocation.arguments:
        return None
    # The last suffix, plain ".so", is that of libraries as well.
    is_extension = output.endswith(importable_suffixes(host)[:-1])
    if not is_extension and not (output.endswith(".so") and "-shared" in invocation.arguments):
        return None
    return output if _is_inside(_absolute(invocation, output), invocation, build_paths) else None


def _sources(invocation: Invocation) -> Iterator[str]:
    previous = ""
    for argument in invocation.arguments:
        if previous not in _TAKES_VALUE and not argument.startswith("-") and _is_source(argument):
            yield argument
        previous = argument


def _is_source(file: str) -> bool:
    return Path(file).suffix in _SOURCE_SUFFIXES


def _sees_python(invocation: Invocation, host: Host) -> bool:
    previous = ""
    for argument in invocation.arguments:
        directory = Path(argument.removeprefix("-isystem").removeprefix("-I"))
        attached = argument.startswith(("-I", "-isystem"))
        if (attached or previous in {"-I", "-isystem"}) and (
            directory == host.headers or _PYTHON_INCLUDE.fullmatch(directory.name)
        ):
            return True
        previous = argument
    return False


def _is_ours(source: Path, invocation: Invocation, build_paths: Sequence[Path]) -> bool:
    # If the whole directory is gone, somebody tidied up after the build, and not a probe after itself.
    tidied_up = source.parent.is_dir() and not source.exists()
    return not tidied_up and _is_inside(source, invocation, build_paths)


def _is_inside(path: Path, invocation: Invocation, build_paths: Sequence[Path]) -> bool:
    roots = [root for root in (invocation.cwd, *build_paths) if path.is_relative_to(root)]
    if not roots or _is_scratch(path):
        return False
    nearest = max(roots, key=lambda root: len(root.parts))
    return not any(_TEMPORARY.fullmatch(part) for part in path.relative_to(nearest).parts)


def _is_scratch(path: Path) -> bool:
    return any(_SCRATCH.fullmatch(part) for part in path.parts)


def _made_good(failed: Invocation, later: Sequence[Invocation]) -> bool:
    sought = _products(failed)
    return any(run.status == 0 and run.tool in _LINKERS and sought & _products(run) for run in later)


def _products(invocation: Invocation) -> set[Path]:
    """Return what the run makes, and what it makes it from, without suffixes: ``x.c`` may be tried as ``x.cpp``."""
    output = {_absolute(invocation, invocation.output)} if invocation.output else set()
    return output | {_absolute(invocation, source).with_suffix("") for source in _sources(invocation)}


def _absolute(invocation: Invocation, path: str) -> Path:
    return Path(normpath(invocation.cwd / path))
