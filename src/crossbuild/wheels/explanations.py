"""Why a wheel came out wrong, as far as the kind of problem and the backend tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crossbuild.platforms.platform import Platform
    from crossbuild.wheels.findings import WheelFinding

_FOREIGN_BY_BACKEND = {
    "mesonpy": "Meson compiled for the build machine: the project's own settings probably displace crossbuild's "
    "cross file (look for --native-file, --cross-file or setup-args in pyproject.toml and the config settings).",
    "scikit_build_core": "CMake compiled for the build machine: its toolchain file did not reach it (look for "
    "CMAKE_TOOLCHAIN_FILE or CMAKE_C_COMPILER in the project's settings).",
    "skbuild": "CMake compiled for the build machine: its toolchain file did not reach it (look for "
    "CMAKE_TOOLCHAIN_FILE or CMAKE_C_COMPILER in setup.py).",
    "py_build_cmake": "CMake compiled for the build machine: its toolchain file did not reach it (look for "
    "CMAKE_TOOLCHAIN_FILE in the project's settings).",
    "maturin": "cargo compiled for the build machine: CARGO_BUILD_TARGET did not reach it (look for --target and "
    "build.target in the project's settings).",
}
_PREBUILT = (
    "No compiler that crossbuild provided made this file: the sdist carries it ready-made, or the build "
    "calls a compiler by its full path. Ask the project for a build from source, or set its compiler to plain `cc`."
)


def likely_fix(problems: Sequence[WheelFinding], *, platform: Platform, backend: str, recorded: frozenset[str]) -> str:
    """Return what to do about ``problems``, a line per kind.

    ``recorded``: the names of the files that crossbuild's compilers made.
    """
    fixes: dict[str, str] = {}
    better_known = {problem.rule.cause for problem in problems if problem.fix}
    for problem in problems:
        if problem.fix:
            fixes.setdefault(problem.fix, problem.fix)
        elif problem.rule.cause == "machine":
            fixes.setdefault("machine", _foreign(problem, backend, recorded))
        elif problem.rule.cause is None:
            fixes.setdefault(problem.id, problem.rule.fix)
        elif problem.rule.cause not in better_known:
            fixes.setdefault(problem.rule.cause, _FIXES[problem.rule.cause](platform))
    return "\n".join(fixes.values())


def _foreign(problem: WheelFinding, backend: str, recorded: frozenset[str]) -> str:
    known = _FOREIGN_BY_BACKEND.get(backend.partition(".")[0].partition(":")[0])
    if known:
        return known
    name = problem.file.rpartition("/")[2].partition("(")[0]
    if recorded and name not in recorded:
        return _PREBUILT
    return "A compiler of the build machine was used, or options for another machine were given to the host's."


def _floor_fix(platform: Platform) -> str:
    if platform.tag_family == "linux":
        return (
            f"The compiler's libraries are newer than the host's {platform.libc_text}: use --toolchain zig, or a "
            "compiler made for that version."
        )
    return f"Use --toolchain zig, which links against {platform.libc_text}, or ask for a tag with a newer floor."


_SOURCES = {
    "glibc": "--sysroot-package PACKAGE or --auto-sysroot, or --sysroot DIR for one of your own",
    "musl": "--sysroot DIR, a directory with libraries for musl",
}
"""Where libraries can come from that are put into wheels."""
_FIXES: dict[str, Callable[[Platform], str]] = {
    "libc": lambda platform: f"Use a toolchain for {platform.gnu_type}, such as --toolchain zig.",
    "floor": _floor_fix,
    "library": lambda platform: (
        "A library of the sysroot is put into the wheel, by crossbuild repair if the wheel is there already: give "
        f"{_SOURCES[platform.libc]}. Or link it statically, or build for a real host or a linux_* tag, where the "
        "host's own library is used."
    ),
    "name": lambda platform: (
        "The backend took the suffix from another Python than the host's: look for a suffix, "
        f"a SOABI or an interpreter that the project sets by itself (the platform is {platform.multiarch})."
    ),
    "tags": lambda _: (
        "The backend, or the project's settings, chose the tags: look for plat-name, py-limited-api, "
        "python-tag or a build hook that sets a tag."
    ),
    "missing": lambda platform: (
        "The log says why: often a header or library that the sysroot for "
        f"{platform.gnu_type} lacks. To deliver the wheel without it, give --allow-missing-extensions."
    ),
}
