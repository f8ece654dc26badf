"""What a CPython's build variables have to say, wherever they were read, before anything is named or looked up by them.

Sources: CPython's configure.ac (``SOABI``, ``EXT_SUFFIX``, ``MULTIARCH``), PEP 3149 and PEP 703 (the ABI flags).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeGuard

from crossbuild.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
"""What no path, file or environment can hold."""
_MOST_BITS = 64
_SUFFIX = re.compile(r"(?:\.[\w-]{1,100}){0,3}\.so", re.ASCII)
_FIX = "Restore the file that the host's Python came with."


def is_text(value: object) -> TypeGuard[str]:
    """Return whether ``value`` is a text that a file can hold."""
    return isinstance(value, str) and not _NOT_TEXT.search(value)


def is_plain(value: object) -> TypeGuard[str | int]:
    """Return whether ``value`` is such a text, or a whole number of a size that a compiler can have."""
    # bool is a subclass of int, and JSON has it.
    if isinstance(value, int) and not isinstance(value, bool):
        return value.bit_length() <= _MOST_BITS
    return is_text(value)


def check_variables(variables: Mapping[str, str | int], version: tuple[int, ...], name: str) -> None:
    """Raise HostError unless ``variables`` name files as a CPython of ``version`` does; ``name`` is what it is called.

    They are those that files and directories are named by: its ABI flags, its suffix of extension modules, its tuple.
    """
    suffix, multiarch = str(variables.get("EXT_SUFFIX") or ""), str(variables.get("MULTIARCH") or "")
    if suffix.startswith(".pypy"):
        raise not_cpython(name)
    if not suffix:
        raise HostError(
            f"{name} does not say how its extension modules are named: EXT_SUFFIX is missing from its build variables.",
            fix=_FIX,
        )
    flags = recorded_abi_flags(variables)
    wrong = [] if re.fullmatch("t?d?", flags) else [f"ABIFLAGS is {flags!r:.60}; flags are t, d or both."]
    wrong += wrong_suffix(suffix, version, flags)
    if not re.fullmatch(r"[\w-]{0,100}", multiarch, re.ASCII):
        wrong.append(f"MULTIARCH is {multiarch!r:.60}, which is no tuple such as aarch64-linux-gnu.")
    if wrong:
        raise HostError(f"The build variables of {name} cannot be its own.", why="\n".join(wrong), fix=_FIX)


def wrong_suffix(suffix: str, version: tuple[int, ...], flags: str) -> list[str]:
    """Say why extension modules of a CPython of ``version`` with the ABI ``flags`` cannot end in ``suffix``."""
    if not _SUFFIX.fullmatch(suffix):
        return [f"EXT_SUFFIX is {suffix!r:.60}, which no extension module's name ends in."]
    named, own = re.match(r"\.cpython-([^.-]+)", suffix), "{}{}".format(*version) + flags
    if named and named[1] != own:
        return [f"EXT_SUFFIX is {suffix!r:.60}, but modules of this Python are called cpython-{own}."]
    return []


def recorded_abi_flags(variables: Mapping[str, str | int]) -> str:
    """Return ``sys.abiflags``; a Python without the variable tells by its options (PEP 703, PEP 3149)."""
    recorded = variables.get("ABIFLAGS")
    if isinstance(recorded, str):
        return recorded
    return ("t" if variables.get("Py_GIL_DISABLED") else "") + ("d" if variables.get("Py_DEBUG") else "")


def check_abi_flags(flags: str, asked: str | None, where: Path | str) -> None:
    """Raise HostError if others than the recorded ``flags`` of the Python in ``where`` were ``asked`` for.

    What a user names a host by asks for them, too: files that are called ``python3.13d``.
    """
    if asked not in (None, flags):
        raise HostError(
            f"The ABI flags that {where} records are {flags!r}, but {asked!r} was asked for or is in its files' names.",
            fix="Name a host Python whose files belong together, or its sysconfigdata with --sysconfigdata.",
        )


def not_cpython(where: Path | str) -> HostError:
    """Return the error for a host Python that is PyPy."""
    return HostError(
        f"{where} is PyPy; crossbuild builds for CPython.",
        why="Extension modules for PyPy are compiled against its own headers and under a PyPy of this machine; those "
        "for CPython do not load there, and abi3 is stable among CPythons only.",
        fix="Wheels of pure Python need no build for a host: install them on PyPy as they are. For others, build on "
        "the host itself, or use a CPython there and name that.",
    )
