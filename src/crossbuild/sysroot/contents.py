"""Which package of a distribution has a file: a local index, filtered from the archive's Contents files.

They are listed in the Release files that apt has verified and keeps among its lists, one for each suite and component,
and fetched by apt's methods with these hashes. They are some 600 MB of text for one architecture, and packages for all
architectures have an index of their own; what builds look for is a twentieth, and is kept.
Source: https://wiki.debian.org/DebianRepository/Format (Contents indices).
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, NamedTuple

from crossbuild.errors import NetworkError, SysrootError
from crossbuild.sysroot.contents_parts import fetch_parts, listed_parts
from crossbuild.sysroot.downloads import apt_helper
from crossbuild.sysroot.refusals import EarlierMayServeError
from crossbuild.system.cache import digest
from crossbuild.system.programs import pipe, started

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crossbuild.sysroot.apt import Apt
    from crossbuild.sysroot.contents_parts import Part

# For grep rather than `re`: an architecture has millions of lines.
_KEPT = (
    "^usr/include/|^usr/lib/[a-z0-9_]+-linux-[a-z0-9]+/.+/include/"
    "|^(usr/)?lib(32|64)?/(.+/)?lib[^/]*[.](so|a)[[:blank:]]"
    "|/pkgconfig/[^/]*[.]pc[[:blank:]]|(Config|-config)[.]cmake[[:blank:]]"
    "|^(usr/)?s?bin/[^/]"
)
"""What is kept, as grep -E takes it: headers, libraries to link, pkg-config's and CMake's files, and programs."""
_FAILED = "failed-contents.json"
_NOTHING_KEPT = 1
"""How grep ends if no line was a match."""


class Entry(NamedTuple):
    """A file that a package has."""

    path: str
    """Without a leading slash."""
    section: str
    """Of the package, ``libdevel`` for most that have headers; with the component before it where it is not main."""
    package: str


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The index of one release for one architecture, with the packages that have none: lines of a Contents file."""

    file: Path

    def matching(self, pattern: re.Pattern[str]) -> Iterator[Entry]:
        """Yield the files whose name, in lower case and without its directory, is a ``pattern``.

        A file that several packages have comes once for each.
        """
        with self.file.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                # Paths may hold blanks, packages do not.
                path, packages = line.rsplit(maxsplit=1)
                if pattern.fullmatch(path.rpartition("/")[2].lower()):
                    yield from _entries(path, packages)


def fetch_contents(apt: Apt) -> Contents:
    """Return the index for ``apt``, with what is new in it fetched and filtered.

    For a part that cannot be fetched, an older one from the cache is used, unless only new ones will do. Without one,
    the other parts are used alone. Both are told in a warning. Raises NetworkError if there is nothing at all and
    ``apt`` is offline, SysrootError if the archive has none or none can be fetched.
    """
    parts = listed_parts(apt)
    places = {part: _place(apt, part) for part in parts}
    failures = _fetch(apt, [part for part in parts if not places[part].is_file()])
    there = [places[part] if places[part].is_file() else _earlier(apt, part) for part in parts]
    found = [file for file in there if file]
    if failures and (apt.lists == "new" or not found):
        raise _unusable(apt, failures, earlier=bool(found))
    if not found:
        raise _no_index(apt)
    for part, why in failures.items():
        apt.runner.reporter.warning(_substitute(apt, part, why))
    return Contents(file=_joined(apt, found))


def _place(apt: Apt, part: Part) -> Path:
    return apt.directory / "contents" / f"{part.name}-{digest(part.sha256, _KEPT)}.txt"


def _earlier(apt: Apt, part: Part) -> Path | None:
    """Return what is kept of ``part`` from the latest earlier time."""
    # Its name differs only in the digest, which is that of its source and of what is kept.
    files = (apt.directory / "contents").glob(f"{part.name}-*.txt")
    return max(files, key=lambda file: file.stat().st_mtime, default=None)


def _fetch(apt: Apt, parts: Sequence[Part]) -> dict[Part, str]:
    """Fetch ``parts`` and filter them into their places; return the reasons for those that failed.

    What this process could not fetch a moment ago, it does not try again: a mismatch shows at the end of a download.
    """
    if apt.offline or apt.lists == "kept":
        return dict.fromkeys(parts, "not in the cache")
    before = _failed_before(apt)
    failed = {part: before[str(part)] for part in parts if str(part) in before}
    new = [part for part in parts if part not in failed]
    if new:
        helper = apt_helper()
        with fetch_parts(apt, new) as (files, failures):
            for part, file in files.items():
                if not _filter(file, _place(apt, part), apt, helper=helper):
                    failures[part] = f"{file.name} cannot be read"
        failed |= failures
        if failures:
            _remember(apt, failed)
    return failed


def _failed_before(apt: Apt) -> dict[str, str]:
    """Return what :func:`_remember` wrote in this process, while the lists are those of then."""
    try:
        process, failed = json.loads((apt.directory / _FAILED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return failed if process == os.getpid() and apt.is_up_to_date() else {}


def _remember(apt: Apt, failed: Mapping[Part, str]) -> None:
    facts = (os.getpid(), {str(part): why for part, why in failed.items()})
    (apt.directory / _FAILED).write_text(json.dumps(facts), encoding="utf-8")


def _filter(file: Path, final: Path, apt: Apt, *, helper: str) -> bool:
    """Write what is kept of the Contents file ``file`` to ``final``; return whether that was possible."""
    # apt's own program decompresses all that archives compress with; xz and zstd may be missing here.
    reading = [helper, "-c", str(apt.directory / "apt.conf"), "cat-file", str(file)]
    scratch = file.with_name("kept")
    with scratch.open("wb") as kept:
        # In a locale with UTF-8, grep would stop printing at the first name that is not UTF-8: "binary file matches".
        done = _piped(reading, ["grep", "-E", "-e", _KEPT], kept, environ={**apt.environ, "LC_ALL": "C"})
    if done:
        final.parent.mkdir(exist_ok=True)
        for older in final.parent.glob(f"{final.name.rpartition('-')[0]}-*.txt"):
            older.unlink()
        scratch.replace(final)
    return done


def _joined(apt: Apt, files: Sequence[Path]) -> Path:
    """Return one file with what is in ``files``, all others of its kind removed."""
    joined = apt.directory / f"contents-{digest([file.name for file in files])}.txt"
    if not joined.is_file():
        scratch = apt.directory / ".contents.new"
        with scratch.open("wb") as whole:
            for file in files:
                with file.open("rb") as part:
                    shutil.copyfileobj(part, whole)
        for older in apt.directory.glob("contents-*.txt"):
            older.unlink()
        scratch.replace(joined)
    return joined


def _unusable(apt: Apt, failures: Mapping[Part, str], *, earlier: bool) -> SysrootError | NetworkError:
    what = f"{apt.name} has no usable Contents index, so crossbuild cannot tell which package has a file."
    why = "\n".join(f"{part}: {why}" for part, why in failures.items())
    if apt.offline:
        return NetworkError(
            f"The Contents index of {apt.name} is not in the cache.", fix=f"Run once without {apt.offline}."
        )
    fix = "Try again later, name other mirrors with --mirror URL, or name the packages with --sysroot-package."
    return EarlierMayServeError(what, why=why, fix=fix) if earlier else SysrootError(what, why=why, fix=fix)


def _no_index(apt: Apt) -> SysrootError:
    return SysrootError(
        f"{apt.name} has no Contents index, so crossbuild cannot tell which package has a file.",
        why=f"The Release files from {apt.request} list none.",
        fix="Name another mirror with --mirror, or name the packages with --sysroot-package.",
    )


def _substitute(apt: Apt, part: Part, why: str) -> str:
    instead = "using an older one from the cache" if _earlier(apt, part) else "searches for files do not use it"
    return f"Contents index {part} cannot be fetched ({why}); {instead}."


def _piped(reading: Sequence[str], sieve: Sequence[str], into: IO[bytes], *, environ: Mapping[str, str]) -> bool:
    """Write what ``sieve`` leaves of what ``reading`` prints; return whether both ended well."""
    with (
        pipe() as (out, end),
        started(reading, environ=environ, stdout=end.fileno()) as reader,
        started(sieve, environ=environ, stdin=out.fileno(), stdout=into.fileno()) as filtering,
    ):
        # While this process holds the writing end too, the sieve never sees the end of its input.
        for one in (out, end):
            one.close()
        return reader.wait() == 0 and filtering.wait() in (0, _NOTHING_KEPT)


def _entries(path: str, packages: str) -> Iterator[Entry]:
    for package in packages.split(","):
        section, _, name = package.rpartition("/")
        yield Entry(path, section, name)
