"""A dictionary of constants, read from the bytecode of the module that assigns it; nothing is unmarshalled or run.

Sources: CPython's Python/marshal.c (the format), Lib/importlib/_bootstrap_external.py (the header and its magic
numbers), Python/compile.c and Lib/opcode.py (how a dictionary is built, and the numbers of the instructions).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossbuild.host.reading.magic_numbers import RELEASES

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = 16
"""Bytes before the code: the magic number, flags, and what tells whether the source has changed (PEP 552)."""

_DEEPEST = 8
"""How deeply values may be nested; a module that assigns one dictionary needs three levels."""

_DIGIT_BITS = 15
_MOST_DIGITS = 10
"""Of a long integer, in digits of 15 bits."""

_NO_NLOCALS = (3, 11)
"""From here on the code of a module says nothing of local variables before its constants."""

_UNTIL_3_12 = {
    9: "NOP",
    83: "RETURN_VALUE",
    90: "STORE_NAME",
    100: "LOAD_CONST",
    105: "BUILD_MAP",
    144: "EXTENDED_ARG",
    147: "MAP_ADD",
    156: "BUILD_CONST_KEY_MAP",
}
_SINCE_3_9 = {**_UNTIL_3_12, 165: "DICT_UPDATE"}
_SINCE_3_11 = {**_SINCE_3_9, 0: "NOP", 151: "NOP"}
_OPCODES = {
    (3, 8): _UNTIL_3_12,
    (3, 9): _SINCE_3_9,
    (3, 10): _SINCE_3_9,
    (3, 11): _SINCE_3_11,
    (3, 12): {**_SINCE_3_11, 121: "RETURN_CONST"},
    (3, 13): {
        0: "NOP",
        30: "NOP",
        36: "RETURN_VALUE",
        46: "BUILD_CONST_KEY_MAP",
        48: "BUILD_MAP",
        69: "DICT_UPDATE",
        71: "EXTENDED_ARG",
        83: "LOAD_CONST",
        95: "MAP_ADD",
        103: "RETURN_CONST",
        114: "STORE_NAME",
        149: "NOP",
    },
    (3, 14): {
        0: "NOP",
        27: "NOP",
        35: "RETURN_VALUE",
        47: "BUILD_MAP",
        67: "DICT_UPDATE",
        69: "EXTENDED_ARG",
        82: "LOAD_CONST",
        94: "LOAD_SMALL_INT",
        98: "MAP_ADD",
        116: "STORE_NAME",
        128: "NOP",
    },
}
"""The instructions that data is made with, by version and number; CACHE and RESUME are NOPs."""

Constant = str | int | bytes | tuple["Constant", ...] | None
"""What the code of a module that only holds data has for constants; ``bytes`` are its instructions."""

Dictionary = dict[str, str | int]

_WITHOUT_CONTENT = {"N": None, "T": True, "F": False}
_NUMBERS = "il"
_TUPLES = "()"
_SIZES = {"s": 4, "(": 4, ")": 1, "a": 4, "A": 4, "z": 1, "Z": 1, "u": 4, "t": 4}
"""By the letter of a type, how many bytes its size has: of bytes, of tuples, else of text."""


class NotDataError(ValueError):
    """Bytecode that is damaged, or that does more than assign constants; its text is a sentence."""


@dataclass(kw_only=True)
class _Marshal:
    """A position in marshalled data, and the values that later ones may refer to."""

    data: bytes
    at: int
    seen: list[Constant] = field(default_factory=list)
    unfinished: set[int] = field(default_factory=set)

    def take(self, size: int) -> bytes:
        taken = self.data[self.at : self.at + size]
        if size < 0 or len(taken) < size:
            raise NotDataError("It ends too early.")
        self.at += size
        return taken

    def number(self, size: int, *, signed: bool = True) -> int:
        return int.from_bytes(self.take(size), "little", signed=signed)

    def value(self, depth: int = 0) -> Constant:
        """Read a value; those whose type has the highest bit set are counted, for later ones to refer to."""
        if depth > _DEEPEST:
            raise NotDataError("Its values are nested too deeply.")
        mark = self.take(1)[0]
        kind = chr(mark & 0x7F)
        if kind == "r":
            return self._referred()
        if not mark & 0x80:
            return self._of_kind(kind, depth)
        # CPython counts a container before its contents (r_ref_reserve), so its place is taken first.
        place = len(self.seen)
        self.seen.append(None)
        self.unfinished.add(place)
        self.seen[place] = self._of_kind(kind, depth)
        self.unfinished.remove(place)
        return self.seen[place]

    def _referred(self) -> Constant:
        place = self.number(4)
        if not 0 <= place < len(self.seen) or place in self.unfinished:
            raise NotDataError("A value in it refers to one that is not there.")
        return self.seen[place]

    def _of_kind(self, kind: str, depth: int) -> Constant:
        if kind in _WITHOUT_CONTENT:
            return _WITHOUT_CONTENT[kind]
        if kind in _NUMBERS:
            return self.number(4) if kind == "i" else self._long()
        if kind not in _SIZES:
            raise NotDataError(f"It holds something else than text and whole numbers (type {kind!r}).")
        size = self.number(_SIZES[kind], signed=_SIZES[kind] > 1)
        if kind in _TUPLES:
            return self._tuple(size, depth)
        return self.take(size) if kind == "s" else self.take(size).decode("utf-8", errors="surrogatepass")

    def _long(self) -> int:
        count = self.number(4)
        if abs(count) > _MOST_DIGITS:
            raise NotDataError("It holds a number out of reason.")
        digits = [self.number(2, signed=False) for _ in range(abs(count))]
        magnitude = sum(digit << _DIGIT_BITS * place for place, digit in enumerate(digits))
        return -magnitude if count < 0 else magnitude

    def _tuple(self, count: int, depth: int) -> tuple[Constant, ...]:
        if not 0 <= count <= len(self.data) - self.at:
            raise NotDataError("It ends too early.")
        return tuple(self.value(depth + 1) for _ in range(count))


@dataclass(frozen=True, kw_only=True)
class _Module:
    """As much of a module's code object as data needs."""

    version: tuple[int, int]
    code: bytes
    constants: tuple[Constant, ...]
    names: tuple[Constant, ...]

    @classmethod
    def from_bytes(cls, data: bytes) -> _Module:
        version = RELEASES.get(int.from_bytes(data[:2], "little"))
        if version is None or data[2:4] != b"\r\n":
            known = ", ".join("{}.{}".format(*version) for version in sorted(RELEASES.values()))
            raise NotDataError(f"It does not begin as the bytecode of a released CPython ({known}) does.")
        marshal = _Marshal(data=data, at=_HEADER)
        mark = marshal.take(1)[0]
        if mark & 0x7F != ord("c"):
            raise NotDataError("It holds no code of a module.")
        if mark & 0x80:
            marshal.seen.append(None)
            marshal.unfinished.add(0)
        # Three counts of arguments, one of local variables until 3.10, the stack's size, and flags (marshal.c).
        marshal.take(4 * (5 if version >= _NO_NLOCALS else 6))
        code, constants, names = (marshal.value() for _ in range(3))
        if not (isinstance(code, bytes) and isinstance(constants, tuple) and isinstance(names, tuple)):
            raise NotDataError("It holds no code of a module.")
        return cls(version=version, code=code, constants=constants, names=names)


@dataclass(kw_only=True)
class _Interpreter:
    """What instructions leave behind that only put dictionaries of constants together."""

    module: _Module
    stack: list[Constant | Dictionary] = field(default_factory=list)
    assigned: dict[Constant, Constant | Dictionary] = field(default_factory=dict)

    def run(self) -> None:
        """Follow the instructions until they return."""
        numbers, code, argument = _OPCODES[self.module.version], self.module.code, 0
        # Since 3.6 each has two bytes: its number, and the low byte of its argument.
        for opcode, low in zip(code[::2], code[1::2], strict=False):
            argument = (argument << 8 | low) & 0xFFFFFFFF
            name = numbers.get(opcode, f"instruction {opcode}")
            if name == "EXTENDED_ARG":
                continue
            if name in ("RETURN_VALUE", "RETURN_CONST"):
                return
            self._step(name, argument)
            argument = 0
        raise NotDataError("Its code ends too early.")

    def _step(self, name: str, argument: int) -> None:
        match name:
            case "NOP":
                pass
            case "LOAD_CONST":
                self.stack.append(self.module.constants[argument])
            case "LOAD_SMALL_INT":
                self.stack.append(argument)
            case "BUILD_MAP":
                items = self._popped(2 * argument)
                self.stack.append(_paired(items[::2], items[1::2]))
            case "BUILD_CONST_KEY_MAP":
                keys = self.stack.pop()
                if not isinstance(keys, tuple) or len(keys) != argument:
                    raise NotDataError("Its code builds no dictionary of constants.")
                self.stack.append(_paired(keys, self._popped(argument)))
            case "MAP_ADD":
                key, value = self._popped(2)
                self._dictionary(argument).update(_paired([key], [value]))
            case "DICT_UPDATE":
                (more,) = self._popped(1)
                self._dictionary(argument).update(more if isinstance(more, dict) else {})
            case "STORE_NAME":
                self.assigned[self.module.names[argument]] = self.stack.pop()
            case _:
                raise NotDataError(f"Its code does something else than assign constants ({name}).")

    def _popped(self, count: int) -> list[Constant | Dictionary]:
        if count > len(self.stack):
            raise NotDataError("Its code takes values that are not there.")
        start = len(self.stack) - count
        popped = self.stack[start:]
        del self.stack[start:]
        return popped

    def _dictionary(self, depth: int) -> Dictionary:
        """Return the dictionary that is ``depth`` values below the top of the stack, counted from 1."""
        found = self.stack[-depth] if depth else None
        if not isinstance(found, dict):
            raise NotDataError("Its code builds no dictionary of constants.")
        return found


def _paired(keys: Sequence[Constant | Dictionary], values: Sequence[Constant | Dictionary]) -> Dictionary:
    """Return the dictionary of ``keys`` and ``values``, which have to be constants."""
    pairs: Dictionary = {}
    for key, value in zip(keys, values, strict=True):
        if not (isinstance(key, str) and isinstance(value, str | int)):
            raise NotDataError("Its code builds something else than a dictionary of text and whole numbers.")
        pairs[key] = value
    return pairs


def assigned_dictionary(pyc: bytes, name: str) -> dict[str, str | int]:
    """Return the dictionary that the module in ``pyc`` assigns to ``name``, where it does nothing else.

    A docstring may stand before it. Raises ValueError, with a sentence, for whatever else there is.
    """
    interpreter = _Interpreter(module=_Module.from_bytes(pyc))
    try:
        interpreter.run()
    except IndexError:
        raise NotDataError("Its code takes values that are not there.") from None
    found = interpreter.assigned.pop(name, None)
    others = [str(other) for other in interpreter.assigned if other != "__doc__"]
    if others or not isinstance(found, dict):
        raise NotDataError(f"It assigns {', '.join(others) or 'nothing'} beside or instead of {name}.")
    return found
