"""What build tools read: Meson, CMake, cargo, and shells."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.native import cargo, meson, pkgconfig
from crossbuild.native.autotools import SITE_VARIABLE
from crossbuild.toolchain.linkable import LIBRARIES_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.export.support import Support
    from crossbuild.session.target import Target


# Bare names: the build machine's own. The HOST_ ones are read by the crate cc, which else takes the plain ones.
_BUILD_PROGRAMS = {"CC_FOR_BUILD": "cc", "CXX_FOR_BUILD": "c++", "HOST_CC": "cc", "HOST_CXX": "c++", "HOST_AR": "ar"}


def meson_text(support: Support) -> str:
    """Return a cross file; Meson's reference, "Machine files"."""
    target = support.target
    text = meson.cross_file(
        target.host,
        target.compilers,
        python=target.cross_python.executable,
        pkg_config=Path("pkg-config"),
        libdirs=pkgconfig.pkg_config_directories(target.host, target.cross_python.pkgconfig),
        cmake_toolchain=support.toolchain,
        config_scripts=(),
    )
    if support.libraries is None:
        return text
    options = [f"{language}_link_args = ['-L{support.libraries}']\n" for language in ("c", "cpp")]
    return text + "[built-in options]\n" + "".join(options)


def cargo_text(support: Support) -> str:
    """Return a ``config.toml``; The Cargo Book, "Configuration"."""
    host = support.target.host
    triple = host.platform.rust_triple
    variables = _cargo_variables(support.target)
    # The target and its linker have tables of their own; [env] is only for what cargo starts.
    del variables["CARGO_BUILD_TARGET"]
    of_target = f"CARGO_TARGET_{triple.upper().replace('-', '_')}_"
    linker, flags = variables.pop(f"{of_target}LINKER"), variables.pop(f"{of_target}RUSTFLAGS", "")
    lines = ["[build]", f"target = {_toml(triple)}", "", f"[target.{triple}]", f"linker = {_toml(linker)}"]
    if flags:
        lines.append(f"rustflags = {json.dumps(flags.split())}")
    named = {**variables, **_pkg_config_for_crates(support.target)}
    if support.libraries:
        named[LIBRARIES_VARIABLE] = str(support.libraries)
    return "\n".join([*lines, "", "[env]", *(f"{name} = {_toml(value)}" for name, value in named.items()), ""])


def env_text(support: Support) -> str:
    """Return lines for a POSIX shell to read with ``.``, for whatever tool takes its settings from variables."""
    target = support.target
    gnu_type = target.host.platform.gnu_type
    linker = target.compilers.binutils.get("ld")
    variables = {
        **target.compilers.variables(),
        **({"LD": str(linker)} if linker else {}),
        **_BUILD_PROGRAMS,
        "HOST_GNU_TYPE": gnu_type,
        "PYTHON": str(target.cross_python.executable),
        SITE_VARIABLE: str(support.site),
        "CMAKE_TOOLCHAIN_FILE": str(support.toolchain),
        **pkgconfig.pkg_config_variables(target.host, target.cross_python.pkgconfig),
        **_cargo_variables(target),
        **({LIBRARIES_VARIABLE: str(support.libraries)} if support.libraries else {}),
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def _cargo_variables(target: Target) -> dict[str, str]:
    # Without compilers for the build machine nothing is written: outside of a build, cc is its own.
    return cargo.cargo_variables(
        target.compilers.directory,
        host=target.host,
        compilers=target.compilers,
        build_compilers={},
        stdlib=target.cross_python.stdlib,
        machine=target.build_python.platform.removeprefix("linux-"),
        environ={},
    )


def _pkg_config_for_crates(target: Target) -> Mapping[str, str]:
    """Return the variables under the names that the crate pkg-config reads for one target only; its documentation."""
    suffix = target.host.platform.rust_triple.replace("-", "_")
    variables = pkgconfig.pkg_config_variables(target.host, target.cross_python.pkgconfig)
    names = ("PKG_CONFIG_LIBDIR", "PKG_CONFIG_PATH", "PKG_CONFIG_SYSROOT_DIR", "PKG_CONFIG_ALLOW_CROSS")
    return {f"{name}_{suffix}": variables[name] for name in names if name in variables}


def _toml(text: str) -> str:
    # What JSON escapes in a string, TOML escapes in the same way.
    return json.dumps(text, ensure_ascii=False)
