"""How bash, zsh and fish ask which words may follow, where click's own way is not enough."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

SHELLS = ("bash", "zsh", "fish")
_BREAKS = ":="
"""Where bash parts words (COMP_WORDBREAKS), in names such as debian:bookworm:arm64 and in --host=NAME."""
_OPTION = re.compile(r"--[\w-]+=")


class _WholeWords(ShellComplete):
    """Completes words that bash has parted, and values that follow an equals sign."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return what may follow, as the shell is to put it in place of what it calls ``incomplete``."""
        *before, typed = whole([*args, incomplete])
        option = found[0] if (found := _OPTION.match(typed)) else ""
        # A shell replaces only what it takes for the word.
        kept = typed.removesuffix("" if _parts(incomplete) else incomplete)
        return [
            _replaced(item, f"{option}{item.value}".removeprefix(kept)) if item.type == "plain" else item
            for item in super().get_completions(before, typed)
        ]


def _replaced(item: CompletionItem[str], value: str) -> CompletionItem[str]:
    return CompletionItem(value, type=item.type, help=item.help)


def _parts(word: str) -> bool:
    return bool(word) and not word.strip(_BREAKS)


def whole(words: Sequence[str]) -> list[str]:
    """Return ``words`` with those put together that bash has parted."""
    found: list[str] = []
    goes_on = False
    for word in words:
        if found and (goes_on or _parts(word)):
            found[-1] += word
        else:
            found.append(word)
        goes_on = _parts(word)
    return found


class _Bash(_WholeWords, BashComplete):
    """bash, 4.4 or later."""


class _Zsh(_WholeWords, ZshComplete):
    """zsh."""


class _Fish(_WholeWords, FishComplete):
    """fish."""


def register_shells() -> None:
    """Have click use these classes."""
    for shell in (_Bash, _Zsh, _Fish):
        add_completion_class(shell)
