"""The text of a ``pyconfig.h``: found behind a distribution's switch, read, and edited macro by macro.

Sources: CPython's pyconfig.h.in (autoheader's comments say what each macro is), Debian's and Fedora's switching
headers, ``sysconfig.parse_config_h``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.reading.files import follow, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Macro:
    """A macro that configure decided on."""

    name: str
    value: str | None
    """Its replacement text; None if it is not defined."""
    comment: str
    """What autoheader wrote above it, in one line."""


def read_pyconfig(include: Path, *, multiarch: str, bits: int) -> str:
    """Return the text of the ``pyconfig.h`` in ``include`` that holds the values for ``multiarch``.

    Debian's file only includes ``<multiarch>/pythonX.Y/pyconfig.h``, Fedora's ``pyconfig-64.h`` or ``pyconfig-32.h``.
    Raises HostError if there is no such file.
    """
    switch = include / "pyconfig.h"
    text = read_text(follow(switch))
    if _has_values(text):
        return text
    for name in re.findall(r'#\s*include\s*[<"]([^>"]*pyconfig[^>"]*\.h)[>"]', text):
        if name.split("/")[0] == multiarch or name.endswith(f"-{bits}.h"):
            # Fedora's lies beside it. Debian's name starts from /usr/include, one directory above pythonX.Y.
            for file in (include / name, include.parent / name):
                if file.is_file():
                    return read_text(follow(file))
    raise HostError(
        f"{switch} has no values for {multiarch or f'{bits} bits'}.",
        why="It only includes other files, and the one for this machine is not there.",
        fix="Install the host Python's development package for this architecture (Debian: libpythonX.Y-dev).",
    )


def _has_values(text: str) -> bool:
    return any(macro.name == "SIZEOF_VOID_P" for macro in macros(text))


_MACRO = re.compile(
    r"/\*(?P<comment>(?:[^*]|\*(?!/))*)\*/\s*\n"
    r"(?:#\s*(?:ifndef|if)\b[^\n]*\n)?"
    r"(?:#\s*define\s+(?P<name>\w+)[ \t]*(?P<value>[^\n]*)|/\*\s*#\s*undef\s+(?P<undefined>\w+)\s*\*/)"
)


def macros(text: str) -> Iterator[Macro]:
    """Yield the macros of a ``pyconfig.h`` that have a comment."""
    for found in _MACRO.finditer(text):
        comment = " ".join(found["comment"].split())
        if found["name"]:
            yield Macro(name=found["name"], value=found["value"].strip(), comment=comment)
        else:
            yield Macro(name=found["undefined"], value=None, comment=comment)


def with_macros(text: str, values: Mapping[str, str | None]) -> str:
    """Return ``text`` with each macro in ``values`` that it mentions defined so, or undefined where None.

    ``WORDS_BIGENDIAN`` stands behind two conditions, in autoconf's own form.
    """

    def line(found: re.Match[str]) -> str:
        name = found["name"] or found["undefined"]
        return _line("#", name, values[name]) if name in values else found[0]

    pattern = r"^(?:#define (?P<name>\w+)\b[^\n]*|/\* #undef (?P<undefined>\w+) \*/)$"
    text = re.sub(pattern, line, text, flags=re.MULTILINE)
    if "WORDS_BIGENDIAN" not in values:
        return text
    endian = _line("#  ", "WORDS_BIGENDIAN", values["WORDS_BIGENDIAN"])
    return re.sub(r"(# *ifndef WORDS_BIGENDIAN\n)[^\n]*", rf"\g<1>{endian}", text)


def pyconfig_from_variables(form: str, variables: Mapping[str, str | int], *, big_endian: bool) -> str:
    """Return the ``pyconfig.h`` that ``variables`` were read from, in the form of another one of its version.

    ``sysconfig`` parses ``pyconfig.h`` into the build variables, with 0 for what is undefined. It leaves out the byte
    order, which is behind a condition, and what has no value or begins with an underscore: ``form`` tells those, of
    which CPython's headers for extensions read only such that no machine changes.
    """
    values: dict[str, str | None] = {"WORDS_BIGENDIAN": "1" if big_endian else None}
    for macro in macros(form):
        if macro.value != "" and not macro.name.startswith("_"):
            value = variables.get(macro.name, 0)
            # Such as "Support tier (1, 2, 3 or 0 for unsupported)".
            zero = "0" if macro.value and re.search(r"\b0\b", macro.comment) else None
            values.setdefault(macro.name, str(value) if value != 0 else zero)
    return with_macros(form, values)


def _line(hash_mark: str, name: str, value: str | None) -> str:
    return f"/* {hash_mark}undef {name} */" if value is None else f"{hash_mark}define {name} {value}".rstrip()


def config_variables(text: str) -> dict[str, str | int]:
    """Return what ``sysconfig`` makes of a ``pyconfig.h``: numbers where they are, 0 for what is undefined."""
    variables: dict[str, str | int] = {}
    # The patterns are those of sysconfig.parse_config_h, for which a name begins with a capital letter.
    for name, value in re.findall(r"^#define ([A-Z]\w+) (.*)$", text, flags=re.MULTILINE):
        variables[name] = int(value) if re.fullmatch(r"-?[0-9]{1,40}", value) else value
    for name in re.findall(r"^/\* #undef ([A-Z]\w+) \*/$", text, flags=re.MULTILINE):
        variables[name] = 0
    return variables
