"""C that only GNU's compilers compile, given to zig: read from what its clang printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.system.compiler_questions import COLOUR, PROBE
from crossbuild.toolchain.debian_packages import cross_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.platforms.platform import Platform

# What is for another CPU than the host's is unknown to GNU's compilers as well.
_CPUS = "(?:ia32|arm|neon|aarch64|ppc|altivec|vsx|s390|riscv|mips|msa|loongarch|lasx|lsx)"
_DIRECTIVES_OF_CPUS = (
    "intel_syntax|att_syntax|code(?:16|32|64)|arm|thumb(?:_func)?|syntax|arch|arch_extension|cpu|fpu|eabi_attribute"
    "|option|abiversion|machine"
)
_LOCATED = r"^(?P<source>[^\s:][^:\n]*):\d+(?::\d+)?: (?:fatal )?error: "
_FORMS = tuple(
    (what, re.compile(form, re.MULTILINE))
    for what, form in (
        ("nested functions", _LOCATED + "function definition is not allowed here"),
        ("arrays of variable length in structures", _LOCATED + "fields must have a constant size"),
        ("decimal floating point", _LOCATED + "GNU decimal type extension not supported"),
        ("__float128", _LOCATED + "__float128 is not supported on this target"),
        ("a GNU built-in function", _LOCATED + rf"use of unknown builtin '(?!__builtin_{_CPUS}_)"),
        ("GNU assembler's directives", _LOCATED + rf"unknown directive\n(?!\s*\.(?:{_DIRECTIVES_OF_CPUS})\b)"),
        (
            "headers of GNU's C++ library",
            _LOCATED + r"'(?:bits/stdc\+\+\.h|(?:ext|tr1|parallel|debug|backward)/[^']+)' file not found",
        ),
        ("OpenMP", _LOCATED + r"'omp\.h' file not found|undefined symbol: (?:__kmpc_|omp_get_|GOMP_)"),
        ("OpenMP", r"unable to find (?:library -l|\w+ system library ['\"])g?omp\b"),
    )
)
# Options for a CPU are another matter: GNU's compilers for the host may not know them either.
_OPTIONS = re.compile(
    r"error: (?:unknown clang option: |unknown argument: |unsupported linker (?:arg|extension flag): )['\"]?"
    r"(?P<name>-z \w+|-(?!m)[^\s'\"]+)"
)
_OF_GNU = re.compile(r"omp\.h|g?omp|(?:bits|ext|tr1|parallel|debug|backward)/.*")


def is_of_gnu(name: str) -> bool:
    """Return whether the header or library of that name belongs to GNU's compilers: no package has it for zig."""
    return bool(_OF_GNU.fullmatch(name))


def gnu_lines(output: str, excerpt: str, platform: Platform) -> tuple[str, ...]:
    """Return what zig refused that GNU's compilers take, in the ``output`` of a build, and how to build with these.

    Of options only those in the ``excerpt`` count, which says why the build failed: others may have been questions.
    """
    text = COLOUR.sub("", output)
    found = tuple(dict.fromkeys((*_features(text), *(one["name"] for one in _OPTIONS.finditer(excerpt)))))
    if not found:
        return ()
    return f"The build needs GNU's compilers, for {', '.join(found)}; zig has clang and libc++.", _remedy(platform)


def _features(text: str) -> Iterator[str]:
    for what, form in _FORMS:
        sources = (match.groupdict().get("source") or "" for match in form.finditer(text))
        if any(not PROBE.search(source) for source in sources):
            yield what


def _remedy(platform: Platform) -> str:
    packages = cross_packages(platform, "gcc", "g++")
    if not packages:
        gnu = platform.gnu_type
        return f"Build with --toolchain gnu and {gnu}-gcc on PATH, or give its prefix: --toolchain /opt/bin/{gnu}-"
    floor = "; their C library must not be newer than the host's" if platform.tag_family != "linux" else ""
    return f"Build with --toolchain gnu (Debian and Ubuntu: apt install {packages}){floor}."
