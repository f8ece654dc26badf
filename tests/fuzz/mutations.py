"""Random changes of bytes and of lines, most of them where the structure of a file is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

_WORDS = (1, 2, 4, 8)
_MOST_CHANGES = 4
_LONGEST_CHUNK = 256
_FILL = 1 << 16
_ODD_TEXTS = (
    *("", " ", ":", ",", ";", "=", ",,", "\r", "\0", "\x1b[0m", "\u2028", "é", "\udce9", '"', "'", "%(x)s", "[x]", "#"),
    *("../..", "/", "-1", "0", "99999999999999999999", "1e9", "sha256=", "md5=x", "x" * 5000, "1.0.post1+local", "a b"),
    *("Name: other", "Version: !", "Tag: py3-none-any", "Tag: ..", "Requires-Python: >=", "Requires-Dist: a @ b; c"),
    *(
        "Root-Is-Purelib: maybe",
        "Wheel-Version: 9",
        "x = y:z",
        "[console_scripts]",
        "=?utf-8?q?=ff?=",
        "a.b.c,sha256=x,1",
    ),
)


def mutated(content: bytes, structure: Sequence[range], random: Random) -> bytes:
    """Return ``content`` with up to four changes, most of them in one of the ranges of its ``structure``."""
    changed = bytearray(content)
    for _ in range(random.randint(1, _MOST_CHANGES)):
        if changed:
            place = _place(len(changed), structure, random)
            random.choices(_CHANGES, _WEIGHTS)[0](changed, place, random)
    return bytes(changed)


def _place(size: int, structure: Sequence[range], random: Random) -> int:
    if structure and random.random() < 0.85:
        part = random.choice(structure)
        return min(random.randrange(part.start, max(part.stop, part.start + 1)), size - 1)
    return random.randrange(size)


def _flip(content: bytearray, place: int, random: Random) -> None:
    content[place] ^= 1 << random.randrange(8)


def _set_byte(content: bytearray, place: int, random: Random) -> None:
    content[place] = random.choice((0, 1, 2, 0x7F, 0x80, 0xFF, random.randrange(256)))


def _set_word(content: bytearray, place: int, random: Random) -> None:
    """Set a number to an extreme, or to one that may be a size or a place of this file."""
    width = random.choice(_WORDS)
    most, size = (1 << 8 * width) - 1, len(content)
    numbers = (0, 1, most, most - 1, most >> 1, (most >> 1) + 1, size, size - 1, size + 1, random.randrange(size))
    word = (random.choice(numbers) & most).to_bytes(width, random.choice(("little", "big")))
    start = place - place % width
    content[start : start + width] = word


def _set_digits(content: bytearray, place: int, random: Random) -> None:
    """Set a number that is written in digits, as in static libraries."""
    digits = random.choice((b"0", b"-1", b"-60", b"+2", b"1_0", b"9999999999", str(len(content)).encode()))
    content[place : place + len(digits)] = digits


def _copy_word(content: bytearray, place: int, random: Random) -> None:
    width = random.choice(_WORDS)
    start, source = place - place % width, random.randrange(len(content)) // width * width
    content[start : start + width] = content[source : source + width]


def _swap(content: bytearray, place: int, random: Random) -> None:
    length, other = random.randint(1, _LONGEST_CHUNK), random.randrange(len(content))
    first, second = content[place : place + length], content[other : other + length]
    content[place : place + len(second)] = second
    content[other : other + len(first)] = first


def _repeat(content: bytearray, place: int, random: Random) -> None:
    content[place:place] = content[place : place + random.randint(1, _LONGEST_CHUNK)]


def _leave_out(content: bytearray, place: int, random: Random) -> None:
    del content[place : place + random.randint(1, _LONGEST_CHUNK)]


def _cut(content: bytearray, place: int, random: Random) -> None:
    del content[place:]


def _grow(content: bytearray, place: int, random: Random) -> None:
    content += bytes([random.choice((0, 0xFF))]) * random.randrange(_FILL)


_CHANGES: tuple[Callable[[bytearray, int, Random], None], ...] = (
    *(_flip, _set_byte, _set_word, _set_digits, _copy_word, _swap, _repeat, _leave_out, _cut, _grow),
)
_WEIGHTS = (20, 15, 40, 5, 10, 4, 4, 4, 2, 1)


def with_other_lines(content: bytes, random: Random) -> bytes:
    """Return the text ``content`` with up to four lines changed, moved, added or left out."""
    lines = content.decode(errors="surrogateescape").split("\n")
    for _ in range(random.randint(1, _MOST_CHANGES)):
        place, text = random.randrange(len(lines)), random.choice(_ODD_TEXTS)
        line = lines[place]
        at = random.randint(0, len(line))
        lines[place : place + 1] = random.choice(
            (
                [line[:at] + text + line[at:]],
                [text],
                [line, text],
                [line, random.choice(lines)],
                [line[:at]],
                [line] * random.choice((0, 2, 1000)),
            )
        ) or [""]
    return "\n".join(lines).encode(errors="surrogateescape")
