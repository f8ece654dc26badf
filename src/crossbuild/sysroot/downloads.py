"""Single files that a signed index lists, fetched by apt's methods from the first place that has them.

apt itself gets a file from the archive whose index lists it, and from no other. The file is the same wherever it comes
from: its hash is what the index has signed.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError
from crossbuild.sysroot.download_progress import watched_files
from crossbuild.system.filesystem import sha256_of
from crossbuild.system.processes import CommandFailedError
from crossbuild.system.scratch import beside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crossbuild.sysroot.apt import Apt

_HELPER_PLACES = "/usr/lib/apt:/usr/libexec/apt"
"""Where distributions have ``apt-helper``; the latter is Fedora's."""
_FAILED = re.compile(r"^E: Failed to fetch (?P<address>\S+)\s+(?P<why>.*?)\s*(?:\[IP: [^]]*\])?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file, its hash, and where it may be."""

    place: Path
    """Where it is to be on this machine."""
    sha256: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a file did not come from an address."""

    address: str
    why: str


def apt_helper() -> str:
    """Return the path of ``apt-helper``. Raises SysrootError if this machine has none."""
    helper = shutil.which("apt-helper", path=_HELPER_PLACES)
    if not helper:
        raise SysrootError(
            "This machine has no apt-helper, which downloads single files of an archive.",
            why=f"It is part of apt, but not in {_HELPER_PLACES.replace(':', ' or ')}.",
            fix="Install apt completely.",
        )
    return helper


def fetch_files(apt: Apt, files: Sequence[Wanted]) -> dict[Path, list[Failure]]:
    """Fetch ``files``, each from the first of its addresses that has it as it should be.

    Return what failed, by place, for those that no address had; there is nothing at their places then.
    """
    failures: dict[Path, list[Failure]] = {file.place: [] for file in files}
    # Round by round, since one run of apt-helper downloads many files at once: first all from their first addresses,
    # then those that are still missing from their second ones.
    with beside(apt.directory / "fetched") as scratch:
        for addresses in zip_longest(*(file.addresses for file in files), fillvalue=""):
            tried = [(file, address) for file, address in zip(files, addresses, strict=True) if file.place in failures]
            _fetch(apt, [one for one in tried if one[1]], scratch, failures)
    return failures


def failures_in(output: str) -> list[Failure]:
    """Return what ``output`` of apt says of files that it could not fetch."""
    return [Failure(address=match["address"], why=" ".join(match["why"].split())) for match in _FAILED.finditer(output)]


def _fetch(apt: Apt, tried: Sequence[tuple[Wanted, str]], scratch: Path, failures: dict[Path, list[Failure]]) -> None:
    """Fetch each file from an address, and take those that came out of ``failures``."""
    if not tried:
        return
    places = [scratch / str(number) for number, _ in enumerate(tried)]
    words = [
        word
        for (file, address), place in zip(tried, places, strict=True)
        for word in (address, str(place), f"SHA256:{file.sha256}")
    ]
    said: Mapping[str, str] = {}
    try:
        with watched_files(apt.runner.reporter, places, total=None):
            apt.run(apt_helper(), "-q", "download-file", *words)
    except CommandFailedError as error:
        said = {failure.address: failure.why for failure in failures_in(error.output)}
    for (file, address), place in zip(tried, places, strict=True):
        # apt-helper fails if one of its files does; the others are there anyway.
        if place.is_file() and sha256_of(place) == file.sha256:
            place.replace(file.place)
            del failures[file.place]
        else:
            place.unlink(missing_ok=True)
            failures[file.place].append(
                Failure(address=address, why=said.get(address, "the download is incomplete or damaged"))
            )
