"""What the exported files refer to, beside the compilers and the cross Python: files in the cache."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from crossbuild.interpreter.shadow import make_cross_python
from crossbuild.native import cmake, pkgconfig
from crossbuild.native.autotools import write_site_file
from crossbuild.system.cache import digest
from crossbuild.toolchain.linkable import write_linkable_libraries

if TYPE_CHECKING:
    from crossbuild.session.cross import Cross
    from crossbuild.system.cache import Cache

_KIND = "export"


@dataclass(frozen=True, kw_only=True)
class Support:
    """An entry of the cache with the files for one host."""

    directory: Path
    cross: Cross

    @classmethod
    def provide(cls, cross: Cross, cache: Cache) -> Self:
        """Return the files for ``cross``, written on first use.

        They are used where the compilers are not on ``PATH``, so its Python names these by their whole paths.
        """
        python = make_cross_python(
            build_python=cross.build_python, host=cross.host, compilers=cross.compilers, cache=cache
        )
        cross = replace(cross, cross_python=python)
        key = digest(cross.cross_python.prefix, cross.compilers.directory, cross.host.sysroot, _state(cross))
        final = cls(directory=cache.path(_KIND, key), cross=cross)
        cache.entry(_KIND, key, final._write)
        return final

    @property
    def libraries(self) -> Path | None:
        """The directory of libraries that zig's linker could not follow in the sysroot; see toolchain/linkable."""
        return self.directory / "libraries" if self.cross.toolchain.kind == "zig" and self.cross.host.sysroot else None

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
        cross, host = self.cross, self.cross.host
        roots = (cross.cross_python.prefix, *((host.sysroot,) if host.sysroot else ()), self.directory / "libc")
        text = cmake.toolchain_file(
            host,
            cross.compilers,
            find_roots=roots,
            provider=self.directory / "findpython.cmake",
            pkg_config=Path("pkg-config"),
        )
        variables = pkgconfig.pkg_config_variables(host, cross.cross_python.pkgconfig)
        lines = [f'set(ENV{{{name}}} "{value}")' for name, value in variables.items()]
        # Each of the names that FindPython, and its forerunner, are told the interpreter by.
        for name in ("Python_EXECUTABLE", "Python3_EXECUTABLE", "PYTHON_EXECUTABLE"):
            lines += [f"if(NOT DEFINED {name})", f'  set({name} "{cross.cross_python.executable}")', "endif()"]
        for kind in ("EXE", "MODULE", "SHARED") if self.libraries else ():
            lines.append(f'string(APPEND CMAKE_{kind}_LINKER_FLAGS_INIT " -L{self.libraries}")')
        return text + "\n".join(lines) + "\n"

    def _write(self, scratch: Path) -> None:
        cross = self.cross
        cmake.write_standard_libraries(scratch / "libc", supplied=cross.toolchain.kind == "zig")
        (scratch / "findpython.cmake").write_text(cmake.provider_file(), encoding="utf-8")
        (scratch / self.toolchain.name).write_text(self.cmake_text(), encoding="utf-8")
        gnu_type = cross.host.platform.gnu_type
        write_site_file(scratch, gnu_type=gnu_type, compilers=cross.compilers.directory, environ={})
        if self.libraries and cross.host.sysroot:
            (scratch / "libraries").mkdir()
            write_linkable_libraries(scratch / "libraries", sysroot=cross.host.sysroot, multiarch=cross.host.multiarch)


def _state(cross: Cross) -> list[int]:
    """Return when libraries were last added to the sysroot, or taken from it, in each of its directories."""
    if cross.host.sysroot is None:
        return []
    places = [cross.host.sysroot / place for place in (f"usr/lib/{cross.host.multiarch}", "usr/lib", "usr/lib64")]
    return [place.stat().st_mtime_ns for place in places if place.is_dir()]
