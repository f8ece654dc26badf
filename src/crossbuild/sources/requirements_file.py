"""Files that list requirements, as pip reads them with ``-r`` and ``-c``.

Source: pip's reference, "Requirements File Format". Paths in a file are relative to the working directory, those of
further files to the file that names them; as with pip.
"""

from __future__ import annotations

import os
import re
import shlex
from argparse import ArgumentError, ArgumentParser
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from packaging.utils import canonicalize_name

from crossbuild.documents import read_bytes
from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_OPTION = re.compile(r"(?:^|\s)(?=--?[A-Za-z])")
_ENCODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_DEEPEST = 100
"""How many files may lie between the one that is named and one that it includes in the end."""
_DIGEST = re.compile(r"(?P<algorithm>sha256|sha384|sha512):(?P<digest>[0-9a-fA-F]+)")


@dataclass(frozen=True, kw_only=True)
class RequirementLine:
    """One requirement of a file."""

    text: str
    """A requirement (PEP 508), a path, or the URL of an archive or a repository. Nothing is editable elsewhere: what
    stands behind ``-e`` is taken as if it stood alone."""
    origin: str
    """Where it is: ``requirements.txt, line 3``."""
    constraint: bool = False
    """Whether it only limits what others ask for."""
    hashes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Digests by algorithm."""


@dataclass(frozen=True, kw_only=True)
class RequirementsFile:
    """What a file says, and the files that it includes."""

    lines: tuple[RequirementLine, ...] = ()
    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    pre: bool = False
    prefer_binary: bool = False
    no_binary: frozenset[str] = frozenset()
    only_binary: frozenset[str] = frozenset()
    """Normalised names, or ``:all:``."""
    require_hashes: bool = False


def read_requirements(file: Path, *, environ: Mapping[str, str], constraint: bool = False) -> RequirementsFile:
    """Read ``file``, and what it includes with ``-r`` and ``-c``; with ``constraint``, as if behind ``-c``.

    ``${NAME}`` is replaced from ``environ`` where it is set. Raises UsageError naming the line for what cannot be read,
    is not known, or means nothing for another machine.
    """
    reading = _Reading(environ=environ)
    reading.read(file, constraint=constraint, above=())
    return reading.result()


def format_control(words: Iterable[str], names: set[str]) -> None:
    """Add to ``names`` what ``--no-binary`` or ``--only-binary`` says: names with commas, ``:all:``, ``:none:``."""
    for word in (word.strip() for text in words for word in text.split(",")):
        if word == ":none:":
            names.clear()
        elif word:
            names.add(word if word == ":all:" else canonicalize_name(word))


@dataclass(kw_only=True)
class _Reading:
    environ: Mapping[str, str]
    lines: list[RequirementLine] = field(default_factory=list)
    said: list[Namespace] = field(default_factory=list)
    _whole: set[tuple[str, bool]] = field(default_factory=set)
    """What was read to its end, and as what: to read it again would add nothing."""

    def read(self, file: Path, *, constraint: bool, above: tuple[str, ...]) -> None:
        real = os.path.realpath(file)
        if real in above:
            raise UsageError(f"{file} includes itself.", why=" ← ".join((str(file), *above)))
        if len(above) > _DEEPEST:
            raise UsageError(
                f"{file} is included through more than {_DEEPEST} other files.",
                fix="Include it more directly.",
            )
        if (real, constraint) in self._whole:
            return
        for number, line in _logical_lines(_text(file)):
            place = f"{file}, line {number}"
            text, options = _split(self._with_variables(line), place)
            said = _parse(options, place, of_requirement=bool(text))
            if text or said.editable:
                hashes = _hashes(said.hash, place)
                self.lines.append(
                    RequirementLine(text=text or said.editable, origin=place, constraint=constraint, hashes=hashes)
                )
            else:
                self.said.append(said)
            included = [*((name, constraint) for name in said.requirement), *((name, True) for name in said.constraint)]
            for name, limits in included:
                self.read(_beside(file, name), constraint=limits, above=(real, *above))
        self._whole.add((real, constraint))

    def result(self) -> RequirementsFile:
        no_binary: set[str] = set()
        only_binary: set[str] = set()
        for said in self.said:
            format_control(said.no_binary, no_binary)
            format_control(said.only_binary, only_binary)
        return RequirementsFile(
            lines=tuple(self.lines),
            index_url=next((said.index_url for said in reversed(self.said) if said.index_url), ""),
            extra_index_urls=tuple(url for said in self.said for url in said.extra_index_url),
            find_links=tuple(place for said in self.said for place in said.find_links),
            no_index=any(said.no_index for said in self.said),
            pre=any(said.pre for said in self.said),
            prefer_binary=any(said.prefer_binary for said in self.said),
            no_binary=frozenset(no_binary),
            only_binary=frozenset(only_binary),
            require_hashes=any(said.require_hashes for said in self.said),
        )

    def _with_variables(self, line: str) -> str:
        return _VARIABLE.sub(lambda found: self.environ.get(found[1]) or found[0], line)


def _beside(file: Path, name: str) -> Path:
    if "://" in name:
        raise UsageError(f"{file} includes {name}, which is not a file.", fix="Download it, and give its path.")
    return file.parent / name


def _text(file: Path) -> str:
    try:
        content = read_bytes(file)
        head = b"\n".join(content.split(b"\n", 2)[:2])
        found = _ENCODING.search(head) if head.lstrip().startswith(b"#") else None
        return content.decode(found[1].decode() if found else "utf-8-sig")
    except (OSError, ValueError, LookupError) as error:
        raise UsageError(f"{file} could not be read.", why=str(error)) from None


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines without comments, those that end in a backslash joined with the next, and their numbers."""
    joined, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first or number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += f"{line[:-1]} "
            continue
        whole = _COMMENT.sub("", joined + line).strip()
        if whole:
            yield first, whole
        joined, first = "", 0
    if whole := _COMMENT.sub("", joined).strip():
        yield first, whole


def _split(line: str, place: str) -> tuple[str, list[str]]:
    """Return the requirement of a line, and the words of its options."""
    found = _OPTION.search(line)
    text = line[: found.start()].strip() if found else line
    try:
        return text, shlex.split(line[found.start() :]) if found else []
    except ValueError as error:
        raise UsageError(f"{place} cannot be read: {line}", why=str(error)) from None


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ArgumentError(None, message)


def _parser(*, of_requirement: bool) -> _Parser:
    parser = _Parser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for name in ("--hash", "--config-settings", "--config-setting", "-C") if of_requirement else ():
        parser.add_argument(name, action="append", default=[])
    parser.set_defaults(hash=[], editable="", requirement=[], constraint=[])
    if of_requirement:
        return parser
    parser.add_argument("-e", "--editable")
    parser.add_argument("-r", "--requirement", action="append", default=[])
    parser.add_argument("-c", "--constraint", action="append", default=[])
    parser.add_argument("-i", "--index-url", "--pypi-url")
    parser.add_argument("-f", "--find-links", action="append", default=[])
    for name in ("--extra-index-url", "--trusted-host", "--use-feature", "--no-binary", "--only-binary"):
        parser.add_argument(name, action="append", default=[])
    for name in ("--no-index", "--pre", "--prefer-binary", "--require-hashes"):
        parser.add_argument(name, action="store_true")
    return parser


def _parse(words: list[str], place: str, *, of_requirement: bool) -> Namespace:
    try:
        said, rest = _parser(of_requirement=of_requirement).parse_known_args(words)
    except ArgumentError as error:
        raise UsageError(f"{place} cannot be read: {' '.join(words)}", why=str(error)) from None
    empty = [name for name in _PLACES if "" in map(str.strip, _several(getattr(said, name, None)))]
    if empty:
        raise UsageError(
            f"{place}: --{empty[0].replace('_', '-')} is empty.", fix="Give an address, or leave the option out."
        )
    refused = [*rest, *(["--trusted-host"] if getattr(said, "trusted_host", []) else [])]
    if any(getattr(said, name, []) for name in ("config_settings", "config_setting", "C")):
        refused.append("--config-settings")
    if refused:
        option = refused[0].partition("=")[0]
        raise UsageError(f"{place}: the option {option} is not understood.", fix=_REMEDIES.get(option, "Leave it out."))
    return said


_PLACES = ("index_url", "extra_index_url", "find_links")


def _several(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


_REMEDIES = {
    "--trusted-host": "Set PIP_TRUSTED_HOST, which is of the machine rather than of the project.",
    "--config-settings": "Give settings of single packages in crossbuild.toml: [packages.NAME.config-settings].",
    "--global-option": "Give settings of single packages in crossbuild.toml: [packages.NAME.config-settings].",
}


def _hashes(words: Iterable[str], place: str) -> dict[str, tuple[str, ...]]:
    hashes: dict[str, tuple[str, ...]] = {}
    for word in words:
        found = _DIGEST.fullmatch(word)
        if not found:
            raise UsageError(
                f"{place}: {word} is no hash.", fix="A hash looks like sha256:0123…; sha384 and sha512 are known, too."
            )
        hashes[found["algorithm"]] = (*hashes.get(found["algorithm"], ()), found["digest"].lower())
    return hashes
