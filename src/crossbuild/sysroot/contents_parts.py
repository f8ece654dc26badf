"""The Contents files of an archive: which ones its signed Release files list, and how to fetch them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.sysroot.apt_sources import mirror_address
from crossbuild.sysroot.downloads import Wanted, fetch_files
from crossbuild.system.cache import digest
from crossbuild.system.scratch import beside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crossbuild.sysroot.apt import Apt

# apt names Contents files only on machines with apt-file, whose configuration adds them. The package lists, which every
# apt has, lead to the Release file of their suite and component, and that lists the Contents files too.
_TARGETS = ("Created-By: Packages", "--format", "$(REPO_URI)|$(BASE_URI)|$(COMPONENT)|$(FILENAME)")
_SUMS = re.compile(r"^SHA256:\n(?P<lines>(?: .*\n?)*)", re.MULTILINE)
_SUM = re.compile(r"^ +(?P<sha256>[0-9a-f]{64}) +\d+ +(?P<path>\S+)$", re.MULTILINE)
_BY_HASH = re.compile(r"^Acquire-By-Hash: *yes$", re.MULTILINE | re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r"[^\w.-]")
_COMPRESSIONS = (".xz", ".gz", ".zst", ".bz2", ".lz4", "")
"""The ends of their names, the smallest files first."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A Contents file: that of one suite, component and architecture."""

    mirror: str
    """The address of the archive."""
    directory: str
    """That of the suite in it: ``dists/trixie/``."""
    path: str
    """Below that: ``main/Contents-arm64.gz``."""
    sha256: str
    by_hash: bool
    """Whether the archive has it by the name of its hash, too."""

    @property
    def name(self) -> str:
        """A name for a file on this machine."""
        path = self.directory.removeprefix("dists/") + self.path.partition(".")[0]
        return f"{digest(self.mirror)}-{_NOT_IN_NAMES.sub('_', path)}"

    def addresses(self, mirrors: Sequence[str]) -> tuple[str, ...]:
        """Return where it may be: in its own archive, and in ``mirrors`` of that."""
        above = f"{self.directory}{self.path.rpartition('/')[0]}".rstrip("/")
        # By its hash first: the plain name is another file as soon as the archive is updated.
        hashed = [f"{above}/by-hash/SHA256/{self.sha256}"] if self.by_hash else []
        places = (mirror_address(mirror).rstrip("/") for mirror in (self.mirror, *mirrors))
        return tuple(f"{place}/{path}" for place in places for path in (*hashed, f"{self.directory}{self.path}"))

    def __str__(self) -> str:
        """Return its address."""
        return f"{self.mirror}/{self.directory}{self.path}"


def listed_parts(apt: Apt) -> list[Part]:
    """Return the Contents files that the Release files among the lists of ``apt`` have, without those of no use."""
    found: dict[str, Part] = {}
    for line in apt.run("apt-get", "indextargets", *_TARGETS).splitlines():
        if line.count("|") == _TARGETS[-1].count("|"):
            mirror, base, component, packages = line.split("|")
            for part in _parts(mirror.rstrip("/"), base, component, Path(packages), apt):
                found.setdefault(str(part), part)
    return list(found.values())


@contextmanager
def fetch_parts(apt: Apt, parts: Sequence[Part]) -> Iterator[tuple[dict[Part, Path], dict[Part, str]]]:
    """Give the files of ``parts`` for a while, and for those that cannot be fetched the reasons."""
    with beside(apt.directory / "parts") as scratch:
        places = {part: Path(scratch, str(number), Path(part.path).name) for number, part in enumerate(parts)}
        for place in places.values():
            place.parent.mkdir()
        wanted = [
            Wanted(place=place, sha256=part.sha256, addresses=part.addresses(apt.request.bare.further_mirrors))
            for part, place in places.items()
        ]
        failed = fetch_files(apt, wanted)
        reasons = {
            part: "; ".join(dict.fromkeys(failure.why for failure in failed[place]))
            for part, place in places.items()
            if place in failed
        }
        yield {part: place for part, place in places.items() if part not in reasons}, reasons


def _parts(mirror: str, base: str, component: str, packages: Path, apt: Apt) -> Iterator[Part]:
    """Yield the Contents files of a component; archives without any may have one for the whole suite."""
    release = _release(packages, component)
    found = _SUMS.search(release)
    sums = {match["path"]: match["sha256"] for match in _SUM.finditer(found["lines"])} if found else {}
    names = [f"Contents-{architecture}" for architecture in (apt.name.debian_architecture, "all")]
    own = [path for name in names if (path := _listed(f"{component}/{name}", sums))]
    whole = [path for name in names if (path := _listed(name, sums))]
    for path in own or whole:
        directory = base.removeprefix(mirror).lstrip("/")
        yield Part(
            mirror=mirror, directory=directory, path=path, sha256=sums[path], by_hash=bool(_BY_HASH.search(release))
        )


def _release(packages: Path, component: str) -> str:
    """Return the Release file, which apt has verified, of the list ``packages``."""
    stem = packages.name.rpartition(f"_{component}_binary-")[0]
    for name in ("InRelease", "Release"):
        file = packages.with_name(f"{stem}_{name}")
        if file.is_file():
            return file.read_text(encoding="utf-8", errors="replace")
    return ""


def _listed(name: str, sums: dict[str, str]) -> str:
    """Return the path of the file ``name`` that is to be fetched, empty if there is none."""
    return next((f"{name}{end}" for end in _COMPRESSIONS if f"{name}{end}" in sums), "")
