"""What a build lacked of Rust: cargo, or the standard library for the host; and a PyO3 that takes the host's Python."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError
from crossbuild.sysroot.names import SysrootName
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.platforms.platform import Platform

# rustc's E0463.
_NO_STANDARD_LIBRARY = re.compile(r"the `(?P<triple>[^`\s]+)` target may not be installed")
# maturin, when it builds and when it is asked for metadata; setuptools-rust, which looks for rustc first.
_NO_CARGO = re.compile(
    r"Do you have cargo in your PATH\?|Cargo, the Rust package manager, is not installed"
    r"|^error: can't find Rust compiler|Unable to execute 'cargo'",
    re.MULTILINE,
)
# The build script of PyO3. 0.29.0 stops there when it cross-compiles with a feature such as abi3t-py315 for a Python
# before 3.15; in a native build it does not, and neither does a later PyO3: they build for that Python alone.
_STABLE_ABI = re.compile(
    r"cannot set a minimum Python version (?P<minimum>[\d.]+) higher than the interpreter version (?P<version>[\d.]+)"
)
_RUSTUP = "rustup (https://rustup.rs)"


def rust_lines(output: str, platform: Platform, *, project: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what ``output``, that of a whole build for ``platform``, lacked of Rust and what to do about it.

    ``project`` is its directory, since a file ``rust-toolchain.toml`` in it or above it may choose another rustc than
    the user's ``environ`` does.
    """
    if lacking := _NO_STANDARD_LIBRARY.search(output):
        return _standard_library_lines(lacking["triple"], platform, project, environ)
    if _NO_CARGO.search(output):
        return (
            "The build lacked cargo and rustc: this machine has none, or not on PATH.",
            f"Install {_RUSTUP}, then type: rustup target add {platform.rust_triple}",
        )
    if stable := _STABLE_ABI.search(output):
        return (
            f"PyO3 cannot build for the stable ABI of Python {stable['minimum']}: the host has {stable['version']}.",
            "If its feature is abi3t-py3*, update it: cargo update -p pyo3",
            "When cross-compiling, PyO3 0.29.0 does not ignore this feature for an older Python, as later versions do.",
        )
    return ()


def _standard_library_lines(
    triple: str, platform: Platform, project: Path, environ: Mapping[str, str]
) -> tuple[str, ...]:
    version = _ask_rustc("--version", project, environ)
    sysroot = _ask_rustc("--print=sysroot", project, environ)
    lack = f"Rust's standard library for {triple} is not installed for {version} ({sysroot})."
    # A toolchain of rustup and one of a distribution look alike, but only rustup's has this file.
    if Path(sysroot, "lib/rustlib/multirust-channel-manifest.toml").exists():  # what rustup keeps its records in
        places = (project, *project.parents)
        # Typed outside of the project, `rustup target add` would add it to another toolchain than the one that builds.
        chosen = any((place / name).exists() for place in places for name in ("rust-toolchain.toml", "rust-toolchain"))
        toolchain = f" --toolchain {Path(sysroot).name}" if chosen else ""
        return lack, f"Type: rustup target add{toolchain} {triple}"
    return (
        lack,
        f"Install it from where this rustc is from{_debian(platform)},",
        f"or install {_RUSTUP}, then type: rustup target add {triple}",
    )


def _debian(platform: Platform) -> str:
    try:
        name = SysrootName.oldest_for(platform).debian_architecture
    except SysrootError:
        return ""
    return f" (Debian and Ubuntu: dpkg --add-architecture {name}; apt update; apt install libstd-rust-dev:{name})"


def _ask_rustc(question: str, project: Path, environ: Mapping[str, str]) -> str:
    try:
        done = run_program(["rustc", question], cwd=project, env=environ, check=True)
    except (OSError, subprocess.SubprocessError):
        return "rustc"
    return done.stdout.strip()
