"""Files that list requirements, as pip reads them with ``-r`` and ``-c``.

Source: pip's reference, "Requirements File Format". What that leaves open is done as pip's ``req_file.py`` does it.
Requirements that are paths are relative to the working directory, further files and ``--find-links`` to the file. A
path that is not there is looked up beside the file, as uv does.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from optparse import OptionParser
from typing import TYPE_CHECKING, NoReturn

from packaging.utils import canonicalize_name

from crossbuild.errors import UsageError
from crossbuild.index.settings import expanded, file_of_url, url_fault
from crossbuild.options.build_options import read_config_settings
from crossbuild.requirements.direct_spec import looks_like_path
from crossbuild.requirements.lines import SplitLine, decoded, logical_lines
from crossbuild.resolve.policy import ALL
from crossbuild.system.documents import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from optparse import Option, Values
    from pathlib import Path

    from crossbuild.options.build_options import ConfigSettings

_DEEPEST = 100
"""How many files may lie between the one that is named and one that it includes in the end."""
# The algorithms that pip takes behind --hash.
_DIGEST = re.compile(r"(?P<algorithm>sha256|sha384|sha512):(?P<digest>[0-9a-fA-F]+)")
_PATH_ENDS = re.compile(r"\s*(?:;|\[)")
"""What may stand behind a path: a marker, or extras."""
_NONE = ":none:"
_SHORT = re.compile(r"^(-[rcefiC])=")
"""A short option whose value has an equals sign before it, which pip takes for a part of the value."""
_CHOICES = ("--no-binary", "--only-binary", "--all-releases", "--only-final")
"""Options that take names or ``:all:``; each of a pair takes back what the other said."""
_OPPOSITES = dict(zip(_CHOICES, (_CHOICES[1], _CHOICES[0], _CHOICES[3], _CHOICES[2]), strict=True))
_PLACES = ("index_url", "extra_index_url", "find_links")
_BEHIND = {"requirement": {"hash", "config_settings"}, "editable": {"editable", "config_settings"}}
"""The options that say something behind a requirement."""
_REMEDIES = {
    "--global-option": "Give settings of single packages in crossbuild.toml: [packages.NAME.config-settings].",
    "--install-option": "pip has not had it since version 23.1. Leave it out.",
}


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
    config_settings: ConfigSettings = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RequirementsFile:
    """What files say, and those that they include."""

    lines: tuple[RequirementLine, ...] = ()
    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    no_index: bool = False
    pre: bool = False
    prefer_binary: bool = False
    no_binary: frozenset[str] = frozenset()
    only_binary: frozenset[str] = frozenset()
    """Normalised names, or ``:all:``."""
    all_releases: frozenset[str] = frozenset()
    only_final: frozenset[str] = frozenset()
    require_hashes: bool = False
    no_require_hashes: bool = False
    warnings: tuple[str, ...] = ()
    """What has no effect, a sentence each."""


def read_requirements(
    files: Sequence[Path],
    *,
    constraints: Sequence[Path] = (),
    environ: Mapping[str, str],
    no_binary: frozenset[str] = frozenset(),
    only_binary: frozenset[str] = frozenset(),
) -> RequirementsFile:
    """Read ``constraints``, then ``files``, and what they include with ``-r`` and ``-c``.

    ``${NAME}`` is replaced from ``environ`` where it is set. The files change what ``no_binary`` and ``only_binary``
    have. Raises UsageError naming the line for what cannot be read, or is not known.
    """
    reading = _Reading(environ=environ)
    reading.chosen["--no-binary"] |= no_binary
    reading.chosen["--only-binary"] |= only_binary
    for file in constraints:
        reading.read(file, constraint=True, above=())
    for file in files:
        reading.read(file, constraint=False, above=())
    return reading.result()


def choose(words: str, names: set[str], others: set[str]) -> None:
    """Do to ``names`` what an option such as ``--no-binary`` says: names with commas, ``:all:``, ``:none:``.

    ``others`` is what its opposite said before. A name in ``words`` goes from there; with ``:all:`` everything does.
    """
    left = [word for word in map(str.strip, words.split(",")) if word]
    while ALL in left:
        others.clear()
        names.clear()
        names.add(ALL)
        del left[: left.index(ALL) + 1]
        if _NONE not in left:
            return
    for word in left:
        if word == _NONE:
            names.clear()
        else:
            others.discard(canonicalize_name(word))
            names.add(canonicalize_name(word))


@dataclass(kw_only=True)
class _Reading:
    environ: Mapping[str, str]
    lines: list[RequirementLine] = field(default_factory=list)
    said: list[Values] = field(default_factory=list)
    chosen: dict[str, set[str]] = field(default_factory=lambda: {option: set() for option in _CHOICES})
    index_url: str = ""
    extra_index_urls: list[str] = field(default_factory=list)
    find_links: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
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
        # Otherwise a file that several others include would be read each time, with everything that it includes.
        if (real, constraint) in self._whole:
            return
        for number, line in logical_lines(_text(file), self.environ):
            for name, limits in self._take(line, file, place=f"{file}, line {number}", constraint=constraint):
                self.read(_beside(file, name), constraint=limits, above=(real, *above))
        self._whole.add((real, constraint))

    def _take(self, line: str, file: Path, *, place: str, constraint: bool) -> list[tuple[str, bool]]:
        """Take what a line says; return the files that it includes, and whether they are constraints."""
        try:
            split = SplitLine.from_text(line)
        except ValueError as error:
            raise UsageError(f"{place} cannot be read: {line}", why=str(error)) from None
        said, choices, rest = _parse(split.options, place)
        text, is_editable = split.text or said.editable, split.is_editable or bool(said.editable)
        void = [*_void(said, choices, of="editable" if is_editable else "requirement" if text else "file"), *rest]
        self.warnings.extend([f"{place}: {' '.join(void)} has no effect here."] if void else [])
        if text:
            hashes = {} if is_editable else _hashes(said.hash, place)
            settings = _settings(said.config_settings, place)
            text = _located(text, file)
            self.lines.append(
                RequirementLine(text=text, origin=place, constraint=constraint, hashes=hashes, config_settings=settings)
            )
            return []
        for option, words in choices:
            choose(words, self.chosen[option], self.chosen[_OPPOSITES[option]])
        self.said.append(said)
        self._take_places(said, file, place)
        # As with pip, what -r includes is wanted even if a file of constraints says so.
        return [*((name, False) for name in said.requirement), *((name, True) for name in said.constraint)]

    def _take_places(self, said: Values, file: Path, place: str) -> None:
        if said.index_url:  # pip drops the extra ones that come before it
            self.index_url, self.extra_index_urls = said.index_url, []
        self.extra_index_urls += said.extra_index_url
        # As with pip, a path counts from the file first, and from the working directory if nothing is there.
        for link in said.find_links:
            beside = file.absolute().parent / link
            if "://" not in link and beside.exists():
                self.find_links.append(str(beside))
            elif "://" in link or expanded(link).exists():
                self.find_links.append(link)
            else:
                self.warnings.append(f"{place}: --find-links {link} does not exist, and has no effect.")

    def result(self) -> RequirementsFile:
        said = self.said
        result = RequirementsFile(
            lines=tuple(self.lines),
            index_url=self.index_url,
            extra_index_urls=tuple(self.extra_index_urls),
            find_links=tuple(self.find_links),
            trusted_hosts=tuple(host for one in said for host in one.trusted_host),
            no_index=any(one.no_index for one in said),
            pre=any(one.pre for one in said),
            prefer_binary=any(one.prefer_binary for one in said),
            no_binary=frozenset(self.chosen["--no-binary"]),
            only_binary=frozenset(self.chosen["--only-binary"]),
            all_releases=frozenset(self.chosen["--all-releases"]),
            only_final=frozenset(self.chosen["--only-final"]),
            require_hashes=any(one.require_hashes for one in said),
            no_require_hashes=any(one.no_require_hashes for one in said),
            warnings=tuple(self.warnings),
        )
        if result.require_hashes and result.no_require_hashes:
            raise UsageError("--require-hashes and --no-require-hashes exclude each other.", fix="Remove one of them.")
        return result


def _located(text: str, file: Path) -> str:
    """Return ``text``, with the whole path where it starts with one that is beside ``file`` alone."""
    path = _PATH_ENDS.split(text, 1)[0]
    beside = file.absolute().parent / path
    if not looks_like_path(path) or expanded(path).exists() or not beside.exists():
        return text
    return f"{beside}{text.removeprefix(path)}"


def _beside(file: Path, name: str) -> Path:
    if name.startswith("file:") and not url_fault(name):
        return file_of_url(name)
    if "://" in name:
        raise UsageError(f"{file} includes {name}, which is not a file.", fix="Download it, and give its path.")
    return file.parent / name


def _text(file: Path) -> str:
    try:
        return decoded(read_bytes(file))
    except UnicodeError as error:
        raise UsageError(
            f"{file} could not be read.",
            why=str(error),
            fix="Save it as UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-",
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} could not be read.", why=str(error)) from None


class _Parser(OptionParser):
    """pip's parser, which takes an option's unambiguous beginning and any word as its value, as argparse does not."""

    def error(self, msg: str) -> NoReturn:
        raise ValueError(msg)


def _parse(words: list[str], place: str) -> tuple[Values, list[tuple[str, str]], list[str]]:
    """Return the options in ``words``, those with choices in order, and what is no option."""
    # Options such as --no-binary override earlier ones, so their order is kept.
    parser = _Parser(add_help_option=False)
    choices: list[tuple[str, str]] = []

    def take_choice(option: Option, _opt: str, value: str, _parser: OptionParser) -> None:
        choices.append((option.get_opt_string(), value))

    for option in _CHOICES:
        parser.add_option(option, action="callback", type="string", callback=take_choice)
    for option in ("-r --requirement", "-c --constraint", "-f --find-links", "-C --config-settings"):
        parser.add_option(*option.split(), action="append", default=[])
    for name in ("--extra-index-url", "--trusted-host", "--use-feature", "--hash"):
        parser.add_option(name, action="append", default=[])
    for option in ("-e --editable", "-i --index-url --pypi-url"):
        parser.add_option(*option.split())
    for name in ("--no-index", "--pre", "--prefer-binary", "--require-hashes", "--no-require-hashes"):
        parser.add_option(name, action="store_true", default=False)
    try:
        said, rest = parser.parse_args([_SHORT.sub(r"\1", word) for word in words])
    except ValueError as error:
        fix = next((text for option, text in _REMEDIES.items() if option in str(error)), "Correct it, or leave it out.")
        raise UsageError(f"{place} cannot be read: {' '.join(words)}", why=f"{error}.", fix=fix) from None
    empty = [name for name in _PLACES if "" in map(str.strip, _several(getattr(said, name)))]
    if empty:
        raise UsageError(
            f"{place}: --{empty[0].replace('_', '-')} is empty.", fix="Give an address, or leave the option out."
        )
    return said, choices, rest


def _void(said: Values, choices: Iterable[tuple[str, str]], *, of: str) -> Iterator[str]:
    """Yield the options that have no effect in a line of that kind; pip passes over them silently."""
    for name, value in vars(said).items():
        if value and (name not in _BEHIND[of] if of in _BEHIND else name in {"hash", "config_settings"}):
            yield f"--{name.replace('_', '-')}"
    if of in _BEHIND:
        yield from (option for option, _ in choices)


def _several(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


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


def _settings(words: Iterable[str], place: str) -> ConfigSettings:
    try:
        return read_config_settings(words)
    except ValueError as error:
        raise UsageError(f"{place}: {error}", fix="Give --config-settings KEY=VALUE.") from None
