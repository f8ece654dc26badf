"""Which package of a distribution has a file: a local index, filtered from the archive's Contents files.

apt fetches those files and verifies their signatures as it does for all its indexes, once it is told of them. They are
some 600 MB of text for one architecture, and packages for all architectures have an index of their own; what builds
look for is a twentieth, and is kept. Sources: https://wiki.debian.org/DebianRepository/Format (Contents indices), and
apt's doc/acquire-additional-files.md.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from crossbuild.cache import digest
from crossbuild.errors import NetworkError, SysrootError
from crossbuild.processes import CommandFailedError
from crossbuild.programs import pipe, started

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping, Sequence

    from crossbuild.sysroot.apt import Apt

# The legacy target is where archives without an index per component keep theirs (Ubuntu's, for one). apt adds the
# architecture "all" by itself where an archive has an index for it.
_TARGETS = """\
Acquire::IndexTargets::deb {
  Contents-deb {
    MetaKey "$(COMPONENT)/Contents-$(ARCHITECTURE)";
    flatMetaKey "Contents-$(ARCHITECTURE)";
    ShortDescription "Contents-$(ARCHITECTURE)";
    Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Contents (deb)";
    flatDescription "$(RELEASE) Contents (deb)";
    DefaultEnabled "true";
    KeepCompressed "true";
    PDiffs "false";
  };
  Contents-deb-legacy {
    MetaKey "Contents-$(ARCHITECTURE)";
    ShortDescription "Contents-$(ARCHITECTURE)";
    Description "$(RELEASE) $(ARCHITECTURE) Contents (deb)";
    Fallback-Of "Contents-deb";
    Identifier "Contents-deb";
    DefaultEnabled "true";
    KeepCompressed "true";
    PDiffs "false";
  };
};
"""
_HELPER_PLACES = "/usr/lib/apt:/usr/libexec/apt"
"""Where distributions have ``apt-helper``; the latter is Fedora's."""

_KEPT = (
    "^usr/include/|^usr/lib/[a-z0-9_]+-linux-[a-z0-9]+/.+/include/"
    "|^(usr/)?lib(32|64)?/(.+/)?lib[^/]*[.](so|a)[[:blank:]]"
    "|/pkgconfig/[^/]*[.]pc[[:blank:]]|(Config|-config)[.]cmake[[:blank:]]"
    "|^(usr/)?s?bin/[^/]"
)
"""What is kept, as grep -E takes it: headers, libraries to link, pkg-config's and CMake's files, and programs."""


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
    """Return the index for ``apt``, fetched and filtered first where its lists are newer than the last one.

    It is kept beside the lists. An index of an earlier time serves where none can be fetched. Raises NetworkError
    if there is none and ``apt`` is offline, SysrootError if the archive has none or cannot be asked.
    """
    current = _place(apt)
    if current.is_file():
        return Contents(file=current)
    earlier = next(iter(_earlier(apt)), None)
    try:
        return Contents(file=_made(apt))
    except (NetworkError, SysrootError):
        if earlier:
            return Contents(file=earlier)
        raise


def _place(apt: Apt) -> Path:
    releases = sorted((apt.directory / "lists").glob("*Release"))
    facts = [(release.name, sha256(release.read_bytes()).hexdigest()) for release in releases]
    return apt.directory / f"contents-{digest(facts, _KEPT)}.txt"


def _earlier(apt: Apt) -> list[Path]:
    """Return the indexes of earlier times, the latest first."""
    return sorted(apt.directory.glob("contents-*.txt"), key=lambda file: file.stat().st_mtime, reverse=True)


def _made(apt: Apt) -> Path:
    if apt.offline:
        raise NetworkError(
            f"What the packages of {apt.name} contain is not in the cache.", fix="Fetch it once without --offline."
        )
    helper = shutil.which("apt-helper", path=_HELPER_PLACES)
    if not helper:
        raise SysrootError(
            f"What the packages of {apt.name} contain cannot be read: this machine has no apt-helper.",
            why=f"It is part of apt, but not in {_HELPER_PLACES.replace(':', ' or ')}.",
            fix="Install the whole of apt.",
        )
    try:
        files = _fetched(apt)
    except CommandFailedError as error:
        raise _no_index(apt, error.why) from None
    final = _place(apt)
    _filter(files, final, apt, helper=helper)
    for left_over in {*files, *_earlier(apt)} - {final}:
        left_over.unlink()
    return final


def _fetched(apt: Apt) -> list[Path]:
    """Return the archive's Contents files among apt's lists, compressed, fetched with the newest lists."""
    targets = apt.directory / "contents.conf"
    targets.write_text(_TARGETS, encoding="utf-8")
    apt.run("apt-get", "update", "-q", "--error-on=any", "-c", str(targets))
    asked = ("Identifier: Contents-deb", "--format", "$(FILENAME)")
    listed = apt.run("apt-get", "indextargets", "-c", str(targets), *asked)
    return [Path(line) for line in listed.splitlines() if line.startswith("/") and Path(line).is_file()]


def _filter(files: Sequence[Path], final: Path, apt: Apt, *, helper: str) -> None:
    scratch = apt.directory / ".contents.new"
    reading = [helper, "-c", str(apt.directory / "apt.conf"), "cat-file", *map(str, files)]
    with scratch.open("wb") as kept:
        done = bool(files) and _piped(
            reading, ["grep", "-E", "-e", _KEPT], kept, environ={**apt.environ, "LC_ALL": "C"}
        )
    if not done:
        scratch.unlink()
        raise _no_index(apt, "There is none, or it could not be read.")
    scratch.rename(final)


def _no_index(apt: Apt, why: str) -> SysrootError:
    return SysrootError(
        f"What the packages of {apt.name} contain cannot be told: its archive gave no Contents index.", why=why
    )


def _piped(reading: Sequence[str], sieve: Sequence[str], into: IO[bytes], *, environ: Mapping[str, str]) -> bool:
    """Write what ``sieve`` leaves of what ``reading`` prints; return whether both ended well, and left something."""
    with (
        pipe() as (out, end),
        started(reading, environ=environ, stdout=end.fileno()) as reader,
        started(sieve, environ=environ, stdin=out.fileno(), stdout=into.fileno()) as filtering,
    ):
        for one in (out, end):
            one.close()
        return not any(program.wait() for program in (filtering, reader))


def _entries(path: str, packages: str) -> Iterator[Entry]:
    for package in packages.split(","):
        section, _, name = package.rpartition("/")
        yield Entry(path, section, name)
