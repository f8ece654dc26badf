"""What the exported files refer to, beside the compilers and the cross Python: files in the cache."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from crossbuild.interpreter.shadow import make_cross_python
from crossbuild.native import cmake, pkgconfig
from crossbuild.native.autotools import write_site_file
from crossbuild.platforms.system_directories import library_directories
from crossbuild.system.cache import digest
from crossbuild.system.rooted_paths import directories_in
from crossbuild.toolchain.linkable import write_linkable_libraries

if TYPE_CHECKING:
    from crossbuild.session.target import Target
    from crossbuild.system.cache import Cache

_KIND = "export"


@dataclass(frozen=True, kw_only=True)
class Support:
    """An entry of the cache with the files for one host."""

    directory: Path
    target: Target

    @classmethod
    def provide(cls, target: Target, cache: Cache) -> Self:
        """Return the files for ``target``, written on first use.

        They are used where the compilers are not on ``PATH``, so its Python names these by their whole paths.
        """
        python = make_cross_python(
            build_python=target.build_python, host=target.host, compilers=target.compilers, cache=cache
        )
        target = replace(target, cross_python=python)
        # Some of the files are made of the sysroot's libraries, so another state of it is another entry.
        key = digest(target.cross_python.prefix, target.compilers.directory, target.host.sysroot, _state(target))
        final = cls(directory=cache.path(_KIND, key), target=target)
        cache.entry(_KIND, key, final._write)
        return final

    @property
    def libraries(self) -> Path | None:
        """The directory of libraries that zig's linker could not follow in the sysroot; see toolchain/linkable."""
        return (
            self.directory / "libraries" if self.target.toolchain.kind == "zig" and self.target.host.sysroot else None
        )

    @property
    def site(self) -> Path:
        """What configure scripts read."""
        return self.directory / "config.site"

    @property
    def toolchain(self) -> Path:
        """CMake's toolchain file."""
        return self.directory / "toolchain.cmake"

    def cmake_text(self) -> str:
        """Return the text of CMake's toolchain file."""
        target, host = self.target, self.target.host
        roots = (target.cross_python.prefix, *((host.sysroot,) if host.sysroot else ()), self.directory / "libc")
        text = cmake.toolchain_file(
            host,
            target.compilers,
            find_roots=roots,
            provider=self.directory / "findpython.cmake",
            pkg_config=Path("pkg-config"),
        )
        variables = pkgconfig.pkg_config_variables(host, target.cross_python.pkgconfig)
        lines = [f'set(ENV{{{name}}} "{value}")' for name, value in variables.items()]
        # Each of the names that FindPython, and its forerunner, are told the interpreter by.
        for name in ("Python_EXECUTABLE", "Python3_EXECUTABLE", "PYTHON_EXECUTABLE"):
            lines += [f"if(NOT DEFINED {name})", f'  set({name} "{target.cross_python.executable}")', "endif()"]
        for kind in ("EXE", "MODULE", "SHARED") if self.libraries else ():
            lines.append(f'string(APPEND CMAKE_{kind}_LINKER_FLAGS_INIT " -L{self.libraries}")')
        return text + "\n".join(lines) + "\n"

    def _write(self, scratch: Path) -> None:
        target = self.target
        cmake.write_standard_libraries(scratch / "libc", supplied=target.toolchain.kind == "zig")
        (scratch / "findpython.cmake").write_text(cmake.provider_file(), encoding="utf-8")
        (scratch / self.toolchain.name).write_text(self.cmake_text(), encoding="utf-8")
        gnu_type = target.host.platform.gnu_type
        write_site_file(scratch, gnu_type=gnu_type, compilers=target.compilers.directory, environ={})
        if self.libraries and target.host.sysroot:
            (scratch / "libraries").mkdir()
            write_linkable_libraries(scratch / "libraries", sysroot=target.host.sysroot, platform=target.host.platform)


def _state(target: Target) -> list[int]:
    """Return when libraries were last added to the sysroot, or taken from it, in each of its directories."""
    if target.host.sysroot is None:
        return []
    places = directories_in(target.host.sysroot, library_directories(target.host.platform))
    return [place.stat().st_mtime_ns for place in places]
