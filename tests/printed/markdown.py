"""A page's blocks of code, and the code within its sentences, as MyST reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable("table").use(deflist_plugin)
_DIRECTIVE = re.compile(r"\{(?P<name>[\w-]+)\} *(?P<argument>.*)")
_COMMENT = re.compile(r"<!-- *(.*?) *-->", re.DOTALL)
_OPTION = re.compile(r"^:(\w[\w-]*): *(.*)$", re.MULTILINE)
_SILENT = ("toctree", "eval-rst")
"""Directives that show no code of the page's own."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of code."""

    file: Path
    """The file with the text: that of a fragment, if the page is built from one."""
    line: int
    language: str
    text: str
    mark: str = ""
    """What the comment right before it says."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Code within a sentence, a heading or a table."""

    file: Path
    line: int
    text: str


def read(page: Path) -> Iterator[Block | Span]:
    """Yield what ``page`` has, in its order, with what it includes of other files."""
    mark = ""
    for token in _PARSER.parse(page.read_text(encoding="utf-8")):
        if token.type in {"fence", "code_block"}:
            yield from _of_block(page, token, mark)
        elif token.type == "inline":
            yield from _of_sentence(page, token)
        comment = _COMMENT.fullmatch(token.content.strip()) if token.type == "html_block" else None
        mark = " ".join(comment[1].split()) if comment else ""


def _of_block(page: Path, token: Token, mark: str) -> Iterator[Block | Span]:
    directive = _DIRECTIVE.match(token.info)
    line = _first_line(token) + (token.type == "fence")
    if not directive:
        yield Block(file=page, line=line, language=token.info.strip(), text=token.content, mark=mark)
    elif directive["name"] == "include":
        _take(token, known=())
        yield from read(page.parent / directive["argument"])
    elif directive["name"] == "literalinclude":
        file = (page.parent / directive["argument"]).resolve()
        language = _take(token, known=("language",)).get("language", "")
        yield Block(file=file, line=1, language=language, text=file.read_text(encoding="utf-8"), mark=mark)
    elif directive["name"] not in _SILENT:
        raise ValueError(f"{page}:{line}: what {token.info} shows is not known here.")


def _take(token: Token, *, known: tuple[str, ...]) -> dict[str, str]:
    """Return the options of a directive; one that chooses a part of a file would have to be understood."""
    options = dict(_OPTION.findall(token.content))
    if unknown := options.keys() - set(known):
        raise ValueError(f"{token.info}: {', '.join(unknown)} is not known here.")
    return options


def _of_sentence(page: Path, token: Token) -> Iterator[Span]:
    for child in token.children or ():
        if child.type == "code_inline":
            yield Span(file=page, line=_first_line(token), text=child.content)


def _first_line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0
