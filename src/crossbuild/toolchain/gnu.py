"""A GNU cross compiler: found on PATH, recorded by the host, or named by the user."""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import ToolchainError
from crossbuild.system.programs import run_program
from crossbuild.toolchain.binutils import find_binutils
from crossbuild.toolchain.fortran import how_to_get_fortran
from crossbuild.toolchain.model import Toolchain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.platforms.platform import Platform
    from crossbuild.toolchain.model import ToolchainRequest


_LINKERS = frozenset(("ld", "ld.bfd", "ld.gold"))


@dataclass(frozen=True, kw_only=True)
class _Search:
    """Where a tool is looked for, and what it is told on every call."""

    prefix: str
    path: str
    flags: tuple[str, ...]

    def compiler(self, named: str | None, name: str) -> tuple[str, ...] | None:
        found = self.tool(named, name)
        return (*found, *self.flags) if found else None

    def tool(self, named: str | None, name: str) -> tuple[str, ...] | None:
        """Return the program and its arguments, those of ``named`` or by the prefix; None if it is not there.

        Of ``ccache aarch64-linux-gnu-gcc`` both are found here: builds have a compiler of that name, which is us.
        """
        programs, arguments = _parts(named) if named else ([self.prefix + name], [])
        found = [shutil.which(one, path=self.path) for one in programs]
        if not found or found[0] is None:
            return None
        if Path(found[0]).name.startswith("zig"):  # whose `cc` is no program
            return (found[0], *programs[1:], *arguments)
        whole = (there or one for there, one in zip(found, programs, strict=True))
        return (*whole, *arguments) if found[-1] else None


@dataclass(frozen=True, kw_only=True)
class _Tools:
    """The binary tools that belong to a compiler."""

    cc: tuple[str, ...]
    search: _Search
    environ: Mapping[str, str]

    def find(self, name: str) -> tuple[str, ...] | None:
        """Return the tool with the prefix, else the one that the compiler itself would call."""
        return self.search.tool(None, name) or self.search.tool(self._called(name), name)

    def binutils(self, plugin: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """Return those that there are for the host; ``plugin`` is the option by which ``nm`` reads LTO's objects."""
        found = find_binutils(self._find_for_host)
        if "nm" in found:
            found["nm"] += plugin
        for linker in found.keys() & _LINKERS:
            found[linker] += self.search.flags
        return found

    def _find_for_host(self, name: str) -> tuple[str, ...] | None:
        """Return what :meth:`find` does, unless it is just what is on ``PATH``: that is the build machine's."""
        if found := self.search.tool(None, name):
            return found
        # What GCC would look for on PATH itself, it calls by its bare name.
        called = self._called(name)
        return self.search.tool(called, name) if Path(called).is_absolute() or self._is_native else None

    def _called(self, name: str) -> str:
        return _ask(self.cc, f"-print-prog-name={name}", self.environ).strip()

    @cached_property
    def _is_native(self) -> bool:
        answer = run_program([*self.cc, "-dumpmachine"], env=self.environ)
        return answer.stdout.startswith(f"{os.uname().machine}-")


def gnu_toolchain(
    platform: Platform,
    *,
    prefix: str,
    request: ToolchainRequest,
    sysroot: Path | None,
    empty: Path,
    environ: Mapping[str, str],
) -> Toolchain | None:
    """Return the compilers whose names start with ``prefix`` (``aarch64-linux-gnu-``, with or without a directory).

    What ``request`` names takes the place of ``prefix`` and name. Returns None if there is no C compiler of that name;
    raises ToolchainError if there is one but its companions are missing. ``empty`` is an empty directory: the sysroot
    of a compiler that would search the build machine's otherwise.
    """
    path = environ.get("PATH", os.defpath)
    search = _Search(prefix=prefix, path=path, flags=())
    cc = search.compiler(request.cc, "gcc")
    if cc is None:
        return None
    # Only now is it known what every compiler has to be told.
    search = _Search(prefix=prefix, path=path, flags=_sysroot_flags(cc, sysroot, empty, environ))
    cxx = search.compiler(request.cxx or _beside(request.cc, "g++"), "g++")
    tools = _Tools(cc=cc, search=search, environ=environ)
    ar = _required(search.tool(request.ar, "ar") or tools.find("ar"), "archiver", "--ar", prefix)
    plugin = _lto_plugin(cc, ar, environ)
    return Toolchain(
        kind="gnu",
        platform=platform,
        version=_ask(cc, "--version", environ).partition("\n")[0],
        cc=(*cc, *search.flags),
        cxx=_required(cxx, "C++ compiler", "--cxx", prefix),
        ar=(*ar, *plugin),
        ranlib=(*_required(tools.find("ranlib"), "ranlib", "--toolchain", prefix), *plugin),
        strip=_required(tools.find("strip"), "strip", "--toolchain", prefix),
        binutils=tools.binutils(plugin),
        fc=_fortran(search, request, platform),
        sysroot=sysroot,
    )


def _fortran(search: _Search, request: ToolchainRequest, platform: Platform) -> tuple[str, ...] | None:
    found = search.compiler(request.fc or _beside(request.cc, "gfortran"), "gfortran")
    if request.fc and not found:
        raise ToolchainError(f"There is no Fortran compiler {request.fc!r}.", fix=how_to_get_fortran(platform))
    return found


def _lto_plugin(cc: tuple[str, ...], ar: tuple[str, ...], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the option by which binary tools read what GCC compiled with ``-flto``, as ``gcc-ar`` gives it to ``ar``.

    Without it, such objects have no symbols for an archive's index, and nothing is linked from there.
    """
    # GCC does not say where its plugin is, but where a program beside it is.
    plugin = Path(_ask(cc, "-print-prog-name=lto-wrapper", environ).strip()).parent / "liblto_plugin.so"
    if not (plugin.is_absolute() and plugin.is_file()):
        return ()
    option = ("--plugin", str(plugin))
    tried = run_program([*ar, *option, "--version"], env=environ)
    return () if tried.returncode else option


def _beside(cc: str | None, program: str) -> str | None:
    """Return the ``program`` that belongs to a C compiler called ``…-gcc`` or ``…-gcc-12``, launched like it."""
    if cc is None:
        return None
    programs, arguments = _parts(cc)
    directory, slash, name = programs.pop().rpartition("/") if programs else ("", "", "")
    other = name.replace("gcc", program).replace("clang", "clang++" if program == "g++" else "clang")
    return shlex.join([*programs, f"{directory}{slash}{other}", *arguments]) if other != name else None


def _parts(command: str) -> tuple[list[str], list[str]]:
    """Return the words before the first option, which are a compiler with what launches it, and the others."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ToolchainError(f"{command!r} is not a command.", why=str(error)) from None
    first = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    return words[:first], words[first:]


def _sysroot_flags(
    cc: tuple[str, ...], sysroot: Path | None, empty: Path, environ: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the option that keeps ``cc`` out of the build machine's headers and libraries.

    Distributions configure their cross compilers with the sysroot ``/``, so that they search ``/usr/include``.
    """
    if sysroot:
        return (f"--sysroot={sysroot}",)
    own = _ask(cc, "-print-sysroot", environ).strip()
    return (f"--sysroot={empty}",) if own in ("", "/") else ()


def _ask(cc: tuple[str, ...], question: str, environ: Mapping[str, str]) -> str:
    command = [*cc, question]
    answer = run_program(command, env=environ)
    if answer.returncode:
        raise ToolchainError(f"`{shlex.join(command)}` fails.", why=answer.stderr.strip())
    return answer.stdout


def _required(tool: tuple[str, ...] | None, what: str, option: str, prefix: str) -> tuple[str, ...]:
    if tool is None:
        raise ToolchainError(
            f"The toolchain {prefix or 'given'} has no {what}.",
            fix=f"Install it, name it with {option}, or use --toolchain zig.",
        )
    return tool
