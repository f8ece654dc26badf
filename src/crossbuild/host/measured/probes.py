"""The questions that CPython's configure asks of a compiler, written as C whose object file is the answer.

``pyconfig.h`` describes itself: autoheader's comment above a macro says which type's size, which header or which
function it stands for. So there is no list of names here, only of forms. Nothing is run: a probe is a constant, and
its value is read from the object file; a probe that does not compile is left out, and its symbol is missing.

Sources: autoconf's AC_CHECK_* macros (the forms), CPython's configure.ac (the few decisions of its own).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crossbuild.host.reading.pyconfig import Macro

SYMBOL = "crossbuild_"
"""What the name of each constant starts with; a macro's name follows."""

DOUBLE = "double"
"""The name under which the bytes of a double are asked for."""

_HEADERS = (
    *("dirent.h", "dlfcn.h", "fcntl.h", "limits.h", "math.h", "netdb.h", "netinet/in.h", "pthread.h", "pwd.h"),
    *("signal.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "sys/socket.h", "sys/stat.h"),
    *("sys/time.h", "sys/types.h", "time.h", "unistd.h", "utmp.h", "wchar.h"),
)
"""Where the types, members and declarations come from that are asked for; each is included if the host has it."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One question: a few lines of C that define the constant :data:`SYMBOL` + ``macro``, or not."""

    macro: str
    lines: tuple[str, ...]

    @classmethod
    def from_expression(cls, macro: str, expression: str) -> Probe:
        """Ask for the value of a constant ``expression``."""
        return cls(macro=macro, lines=(f"const long long {SYMBOL}{macro} = {expression};",))

    @classmethod
    def from_condition(cls, macro: str, condition: str, otherwise: str = "0") -> Probe:
        """Ask whether the preprocessor finds ``condition`` true; if not, the value is ``otherwise``."""
        start = f"const long long {SYMBOL}{macro} = "
        return cls(macro=macro, lines=(f"#if {condition}", f"{start}1;", "#else", f"{start}{otherwise};", "#endif"))


# configure.ac: decisions that its comments do not spell out. Where configure runs a program or assembles, this asks for
# what makes the difference: the kind of CPU, or how double arithmetic is done (FLT_EVAL_METHOD 2 is the x87's way).
_OWN_DECISIONS = {
    "HAVE_GCC_ASM_FOR_X64": "#defined __x86_64__",
    "HAVE_GCC_ASM_FOR_X87": "#defined __x86_64__ || defined __i386__",
    "HAVE_GCC_ASM_FOR_MC68881": "#defined __m68k__",
    "HAVE_GCC_UINT128_T": "sizeof (__uint128_t) == 16",
    "HAVE_LARGEFILE_SUPPORT": "sizeof (off_t) > sizeof (long) && sizeof (long long) >= sizeof (off_t)",
    "HAVE_USABLE_WCHAR_T": "sizeof (wchar_t) >= 2 && (wchar_t) -1 > 0",
    "X87_DOUBLE_ROUNDING": "#__FLT_EVAL_METHOD__ == 2",
}

# What tells of the libraries that the standard library's own modules were built with, not of the libc; and what
# configure does not ask on Linux (lchmod), only where something better is missing (gethostbyname), or no longer
# (memory.h).
_NOT_ASKED = re.compile(
    r"HAVE_((BZLIB|LZMA|ZLIB|UUID|READLINE|EDITLINE|N?CURSESW?|PANELW?|TERM|N?DB|GDBM|RPC|BLUETOOTH|FFI|RL)_.*"
    r"|LCHMOD|GETHOSTBYNAME|MEMORY_H)"
)

_FORMS = (
    (r"The size of [`'](.+)', as computed by sizeof", "sizeof ({0})"),
    (r"The normal alignment of [`'](.+)', in bytes", "offsetof (struct {{ char c; {0} t; }}, t)"),
    (r"if [`'](\w+)' is a member of [`'](.+)'", "sizeof ((({1} *) 0)->{0}) > 0"),
    (r"if the system has the type [`'](.+)'", "sizeof ({0}) > 0"),
    (r"if you have the <([\w./-]+)> header file\.$", "#__has_include (<{0}>)"),
    (r"if you have the declaration of [`'](\w+)'", "#defined {0} else sizeof ({0}) > 0"),
)


def probe(macro: Macro) -> Probe | None:
    """Return the question that decides ``macro``; None if no compiler can answer it."""
    if _NOT_ASKED.fullmatch(macro.name):
        return None
    for form, question in ((re.compile(form), question) for form, question in _FORMS):
        found = form.search(macro.comment)
        if found:
            return _asked(macro.name, question.format(*found.groups()))
    own = _OWN_DECISIONS.get(macro.name)
    return _asked(macro.name, own) if own else None


def _asked(macro: str, question: str) -> Probe:
    if not question.startswith("#"):
        return Probe.from_expression(macro, question)
    condition, _, otherwise = question[1:].partition(" else ")
    return Probe.from_condition(macro, condition, otherwise or "0")


def double_probe() -> Probe:
    """Return the question for the byte order of a double: one whose bytes, most significant first, are 7, 6 … 0."""
    return Probe(macro=DOUBLE, lines=(f"const double {SYMBOL}{DOUBLE} = 7.949928895127363e-275;",))


def function(macro: Macro) -> str | None:
    """Return the function that ``macro`` says is there, such as ``getrandom`` for ``HAVE_GETRANDOM``, or None."""
    found = re.search(r"the [`']?(\w+)(?:\(\))?'? function\b", macro.comment)
    asked = found and macro.name == f"HAVE_{found[1].upper()}" and not _NOT_ASKED.fullmatch(macro.name)
    return found[1] if found and asked else None


def stub_probe(name: str) -> Probe:
    """Ask whether the libc has ``name`` only to fail: glibc's <gnu/stubs.h> says so, and configure heeds it."""
    return Probe.from_condition(f"stub_{name}", f"defined __stub_{name} || defined __stub___{name}")


def prologue(macros: Iterable[Macro]) -> Iterator[str]:
    """Yield what comes before the probes: the feature macros of ``pyconfig.h`` and the headers types come from."""
    for macro in macros:
        if macro.name.startswith("_") and macro.value is not None:
            yield from (f"#ifndef {macro.name}", f"#define {macro.name} {macro.value}", "#endif")
    for header in _HEADERS:
        yield from (f"#if __has_include (<{header}>)", f"#include <{header}>", "#endif")


def link_source(names: Iterable[str]) -> str:
    """Return a program that needs the functions ``names`` of the libc; no declaration can disagree with theirs."""
    lines = [f'extern char {SYMBOL}{name}[] __asm__ ("{name}");' for name in names]
    table = ", ".join(f"{SYMBOL}{name}" for name in names)
    return "\n".join(
        [*lines, f"const void *const table[] = {{{table}}};", "int main (int n, char **v) { return !table[n]; }", ""]
    )
