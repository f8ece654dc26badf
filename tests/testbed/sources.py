"""The sources that Debian's packages are made of, as their authors published them."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

from tests.testbed.debian import download_source

if TYPE_CHECKING:
    from pathlib import Path

    from tests.testbed.bed import Bed


def unpack_source(bed: Bed, suite: str, package: str, into: Path) -> Path:
    """Unpack the sources of Debian's source package ``package`` below ``into``; return the directory that they are in.

    Debian's patches are not applied.
    """
    with tarfile.open(_tarball(bed, suite, package)) as members:
        if hasattr(tarfile, "data_filter"):  # not in the first releases of Python 3.11
            members.extraction_filter = tarfile.data_filter
        members.extractall(into)
    (source,) = into.iterdir()
    return source


def _tarball(bed: Bed, suite: str, package: str) -> Path:
    def make(scratch: Path) -> None:
        download_source(bed, suite, package, scratch)

    files = bed.cache.entry("source", f"{package}-{suite}", make).glob("*.orig.tar.*")
    (tarball,) = (file for file in files if file.suffix != ".asc")
    return tarball
