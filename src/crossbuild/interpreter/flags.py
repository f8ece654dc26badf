"""Compiler and linker flags: what of a host's record may be said to another compiler, on another machine."""

from __future__ import annotations

import itertools
import re

# Not shlex.split(): the words are joined again, and must keep their quotes.
_WORD = re.compile(r"""(?:\\.|"[^"]*"|'[^']*'|\S)+""")

_DROPPED_WITH_VALUE = frozenset(
    ("-I", "-L", "-B", "-isystem", "-iquote", "-idirafter", "-isysroot", "--sysroot", "-specs", "-target", "--target")
)
"""Options whose value may be the next word."""

_DROPPED = (
    # Places of the machine where CPython was built; what the host has to offer comes with the compilers' sysroot.
    *("-I", "-L", "-B/", "-B.", "-isystem", "-iquote", "-idirafter", "-isysroot", "--sysroot", "-specs=", "--specs="),
    *("-fdebug-prefix-map=", "-ffile-prefix-map=", "-fmacro-prefix-map=", "-fprofile"),
    # Chosen for one compiler, linker or CPU; ours know what they compile for.
    *("-target", "--target=", "-march=", "-mcpu=", "-mtune=", "-mfpu=", "-fuse-ld=", "-R/"),
    *("-flto", "-ffat-lto-objects", "-fno-fat-lto-objects", "-fuse-linker-plugin", "-fno-use-linker-plugin"),
)

_DEBUGGING = re.compile(r"-g(?:[0-3]|gdb[0-3]?|dwarf(?:-[2-5])?|split-dwarf|z(?:=\S+)?)?")
"""Matches options for debugging information, which distributions take from their Python into packages of its own."""

_X86 = ("x86_64", "i686")
_ONLY_ON = {
    "-fcf-protection": _X86,
    "-mshstk": _X86,
    "-mno-omit-leaf-frame-pointer": (*_X86, "aarch64"),
    "-mbranch-protection": ("aarch64",),
    "-moutline-atomics": ("aarch64",),
    "-mno-outline-atomics": ("aarch64",),
    "-m64": ("x86_64", "ppc64le", "s390x"),
    "-m32": ("i686",),
}
"""Options that other machines' compilers refuse (GCC's manual, "Machine-Dependent Options")."""

_LINKER_WITH_VALUE = frozenset(("-rpath", "--rpath", "-rpath-link", "--rpath-link", "-R", "-L", "-dT"))
_LINKER = ("-rpath=", "--rpath=", "-rpath-link=", "--rpath-link=", "-R/", "-L/", "-dT/", "--package-metadata=")


def portable_flags(text: str, architecture: str) -> str:
    """Return ``text`` without the flags that only made sense where CPython was built, or on another machine.

    ``architecture``: the host's, by its ``uname -m`` name. Optimisation, warnings, definitions, ``-pthread`` and the
    float ABI stay, quoted as they were. Flags for debugging information go: whether a package has some is up to the
    package and the user.
    """
    kept = []
    words = iter(_WORD.findall(text))
    for word in words:
        if word in _DROPPED_WITH_VALUE:
            next(words, None)
        elif word.startswith("-Wl,"):
            kept.extend(_portable_linker_options(word))
        elif not word.startswith(_DROPPED) and not _DEBUGGING.fullmatch(word) and _understood(word, architecture):
            kept.append(word)
    return " ".join(kept)


def flags_of(command: str) -> str:
    """Return ``command`` (``ccache gcc -pthread -shared``) without the words before its flags."""
    words = _WORD.findall(command)
    return " ".join(itertools.dropwhile(lambda word: not word.startswith("-"), words))


def _understood(word: str, architecture: str) -> bool:
    return all(architecture in machines for flag, machines in _ONLY_ON.items() if word.partition("=")[0] == flag)


def _portable_linker_options(word: str) -> list[str]:
    """Return the ``-Wl,`` word, rid of search paths; an empty list if nothing remains."""
    kept = []
    options = iter(word.split(",")[1:])
    for option in options:
        if option in _LINKER_WITH_VALUE:
            next(options, None)
        elif not option.startswith(_LINKER):
            kept.append(option)
    return [",".join(("-Wl", *kept))] if kept else []
