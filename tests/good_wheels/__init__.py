"""Published wheels without a fault, of many build systems, machines and Pythons: ``wheels.txt`` lists them.

Each line has the SHA-256 of a wheel and its file name. A line that is indented is a second choice for the one above it,
in case that is gone from the index. Left out are wheels with true faults, such as run paths to directories that no host
has, text relocations, tags below an empty line of WHEEL, and files that are called like extensions and are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from crossbuild.index.index import Index
from crossbuild.options.build_options import IndexOptions
from crossbuild.system.cache import Cache
from tests.testbed.bed import BedError
from tests.testbed.choices import first_available

if TYPE_CHECKING:
    from tests.testbed.bed import Bed


@dataclass(frozen=True, kw_only=True)
class PublishedWheel:
    """A wheel on the index."""

    sha256: str
    filename: str


def _read() -> dict[str, list[PublishedWheel]]:
    found: dict[str, list[PublishedWheel]] = {}
    first = ""
    for line in Path(__file__).with_name("wheels.txt").read_text(encoding="utf-8").splitlines():
        sha256, filename = line.split()
        first = first if line.startswith(" ") else filename
        found.setdefault(first, []).append(PublishedWheel(sha256=sha256, filename=filename))
    return found


CHOICES = _read()
"""By the file name of the first choice."""
SMALL = (
    "argon2_cffi_bindings-21.2.0-cp36-abi3-manylinux_2_5_i686.manylinux1_i686.manylinux_2_17_i686.manylinux2014_i686.whl",
    "contourpy-1.4.0-cp312-cp312-manylinux_2_26_s390x.manylinux_2_28_s390x.whl",
    "lazy_object_proxy-1.12.0-cp39-cp39-manylinux_2_5_x86_64.manylinux1_x86_64.manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "markupsafe-3.0.4-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl",
    "ninja-1.13.2-py3-none-musllinux_1_2_ppc64le.whl",
    "rpds_py-2026.5.1-cp313-cp313t-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
    "simplejson-4.3.0-cp310-cp310-musllinux_1_2_x86_64.whl",
    "tree_sitter-0.26.1-cp314-cp314-manylinux_2_31_riscv64.manylinux_2_39_riscv64.whl",
    "xxhash-4.1.0-cp313-cp313-manylinux2014_armv7l.manylinux_2_17_armv7l.manylinux_2_31_armv7l.whl",
    "yarl-1.25.1-cp312-cp312-manylinux2014_ppc64le.manylinux_2_17_ppc64le.manylinux_2_28_ppc64le.whl",
)
"""Ten of them, for every run: of each machine and each kind of extension, 3.5 MB in all."""


def good_wheel(bed: Bed, first: str) -> Path:
    """Return the wheel whose first choice is ``first``, or a second one. Raises BedError if none can be fetched."""
    return first_available(bed, first, {one.filename: partial(_fetched, bed, one) for one in CHOICES[first]})


def _fetched(bed: Bed, wheel: PublishedWheel) -> Path:
    def fetch(scratch: Path) -> None:
        index = Index.from_options(IndexOptions(), environ=bed.environ, cache=Cache(root=scratch / "index"))
        project = parse_wheel_filename(wheel.filename)[0]
        listed = next((one for one in index.list_all(project) if one.filename == wheel.filename), None)
        if listed is None:
            raise BedError(f"The index has no {wheel.filename}.")
        found = index.fetch(project, listed)
        if found.sha256 != wheel.sha256:
            raise BedError(f"{wheel.filename} on the index has the SHA-256 {found.sha256}, and not {wheel.sha256}.")
        found.path.rename(scratch / wheel.filename)

    return bed.cache.entry("good-wheels", wheel.sha256[:16], fetch) / wheel.filename
