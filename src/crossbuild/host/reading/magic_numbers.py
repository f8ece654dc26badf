"""Which Python a file of bytecode is for, by the number that it begins with.

Source: the comment in CPython's Include/internal/pycore_magic_number.h.
"""

from __future__ import annotations

# Those of the releases. An alpha or beta has others, whose instructions may differ.
RELEASES = {
    3413: (3, 8),
    3425: (3, 9),
    3439: (3, 10),
    3495: (3, 11),
    3531: (3, 12),
    3571: (3, 13),
    3627: (3, 14),
    3666: (3, 15),
}
_FIRST = {
    (2, 7): 62171,
    (3, 0): 3000,
    (3, 1): 3141,
    (3, 2): 3160,
    (3, 3): 3190,
    (3, 4): 3250,
    (3, 5): 3320,
    (3, 6): 3360,
    (3, 7): 3390,
    (3, 8): 3400,
    (3, 9): 3420,
    (3, 10): 3430,
}
"""The first number of each version until 3.10."""
_START, _STEP = 2900, 50
"""From 3.11 on, Python 3.n begins at 2900+50n."""
_BY_RULE = _START + 11 * _STEP


def python_of(number: int) -> tuple[int, int]:
    """Return the version of Python, released or not, that writes bytecode with ``number``."""
    if _BY_RULE <= number < _FIRST[2, 7]:
        return 3, (number - _START) // _STEP
    fitting = {first: version for version, first in _FIRST.items() if first <= number}
    return fitting[max(fitting)] if fitting else (0, 0)


def is_read_by(number: int, version: tuple[int, int]) -> bool:
    """Whether the release of Python ``version`` takes bytecode with ``number``; of one to come, as far as is known."""
    if version in RELEASES.values():
        return RELEASES.get(number) == version
    return python_of(number) == version
