"""crossenv, and what its documentation and ours say of it."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_Test = TypeVar("_Test", bound="Callable[..., None]")

VERSION = "1.6.2"
PAGE = Path(__file__).parents[1] / "docs/how-to/coming-from-crossenv.md"

_PROMPT = re.compile(r"^\s+(?:\(cross\) )?\$ (.*)$")
_INLINE = re.compile(r"``?([^`]+)``?")
_PROGRAM = re.compile(r"(?:(?:build|cross)-(?:pip|python|expose)|pip|python3?|configure)(?: |$)")
_DIRECTORIES = ((r"/path/to/(build|host)-python/bin/", r"/path/to/\1/"), (r"(\./)?cross_venv", "venv"))
"""README and quick start call the same places differently; the page has one name for each."""


@dataclass(frozen=True, kw_only=True)
class Shell:
    """A POSIX shell that somebody types into."""

    before: str = ":"
    """What was typed before."""
    environ: Mapping[str, str]
    meaning: Mapping[str, str] = field(default_factory=dict)
    """What words of the documentation stand for here."""

    def __call__(self, line: str, *, cwd: Path | None = None) -> str:
        """Run ``line`` and return what it printed; what fails is a failure of the test."""
        done = self.typed(line, cwd=cwd)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def typed(self, line: str, *, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run ``line``, however it ends."""
        return subprocess.run(
            ["sh", "-c", f"{self.before}\n{self._meant(line)}"],
            env=self.environ,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def on_path(self, directory: Path) -> Shell:
        """Return the same with ``directory`` first on ``PATH``."""
        return replace(self, environ={**self.environ, "PATH": f"{directory}{os.pathsep}{self.environ['PATH']}"})

    def where(self, meaning: Mapping[str, str]) -> Shell:
        """Return the same where words have this ``meaning``."""
        return replace(self, meaning=meaning)

    def after(self, line: str) -> Shell:
        """Return the same after ``line``."""
        return replace(self, before=self._meant(line))

    def path(self, word: str) -> Path:
        """Return the path that ``word`` stands for."""
        return Path(self.meaning[word])

    def _meant(self, line: str) -> str:
        for word, meant in self.meaning.items():
            line = re.sub(rf"(?<![\w./-]){re.escape(word)}(?![\w-])", meant, line)
        return line


def compilers_with_sysroot(directory: Path, gnu: Path, root: Path) -> Path:
    """Return ``directory`` with GNU's programs, of which the compilers take ``root`` for their sysroot."""
    directory.mkdir()
    for program in gnu.glob("aarch64-linux-gnu-*"):
        own = directory / program.name
        if program.name.endswith(("-gcc", "-g++")):
            own.write_text(f'#!/bin/sh\nexec {program} --sysroot={root} "$@"\n')
            own.chmod(0o755)
        else:
            own.symlink_to(program)
    return directory


def only_wheel(directory: Path) -> Path:
    """Return the wheel in ``directory``, where there is one."""
    (wheel,) = directory.glob("*.whl")
    return wheel


def documented_lines(*documents: str) -> set[str]:
    """Return every command line in crossenv's documentation: at a prompt, or within a sentence."""
    return {_one_name(line) for text in documents for line in (*_at_prompts(text), *_within_sentences(text))}


def table(heading: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the table of our page below ``heading``: the code of each row's first two cells."""
    _, _, section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")
    lines = section.partition("\n## ")[0].splitlines()
    rows = [line.split("|") for line in lines if line.startswith("| `")]
    return {tuple(_code(left)): tuple(_code(right)) for _, left, right, *_ in rows}


def _code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _at_prompts(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        if prompt := _PROMPT.match(line):
            yield prompt[1]


def _within_sentences(text: str) -> Iterator[str]:
    yield from filter(_PROGRAM.match, _INLINE.findall(text))


def _one_name(line: str) -> str:
    for other, name in _DIRECTORIES:
        line = re.sub(other, name, line)
    return " ".join(line.split())


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What the tests know of the table of commands."""

    known: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    """crossenv's command lines, and ours."""

    def __call__(self, *lines: str, here: tuple[str, ...] = ()) -> Callable[[_Test], _Test]:
        """Mark a test as that of the row with crossenv's ``lines`` and ours, ``here``."""

        def keep(test: _Test) -> _Test:
            self.known[lines] = here
            return test

        return keep
