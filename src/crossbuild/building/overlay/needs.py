"""Which build requirements a project may compile or link against, read from the build machine's copies."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from crossbuild.sources.archives import unpack_sdist

if TYPE_CHECKING:
    from collections.abc import Collection
    from importlib.metadata import Distribution

_HEADERS = frozenset((".h", ".hh", ".hpp", ".hxx", ".h++", ".inc", ".inl", ".ipp", ".mod"))
_STATIC = ".a"
INTERFACE = _HEADERS | {_STATIC, ".pc", ".cmake", ".pxd", ".pxi"}
"""The suffixes of files that others are compiled and linked with."""
_GENERATED = INTERFACE - {".pxd", ".pxi"}
"""Those that the build of a project may have made for one machine."""


@dataclass(frozen=True, kw_only=True)
class HostNeed:
    """A build requirement, as it is installed for the build machine, that has an interface for compilers."""

    name: str
    """Its normalised name."""
    version: Version
    interface: tuple[Path, ...]
    """The files that may differ on the host."""

    @property
    def has_machine_code(self) -> bool:
        """Whether something is to be linked: then the host's copy is needed in any case."""
        return any(file.suffix == _STATIC for file in self.interface)

    def is_as_in(self, sdist: Path, scratch: Path) -> bool:
        """Return whether all of its interface is in ``sdist``, byte for byte: then no build made it for one machine.

        ``sdist`` is unpacked below ``scratch``. Raises SourceError if it cannot be.
        """
        # By name and content, not by path: what an sdist has in src/ is installed elsewhere.
        wanted = {file.name for file in self.interface}
        unpacked = unpack_sdist(sdist, scratch)
        originals = {file.read_bytes() for file in unpacked.rglob("*") if file.name in wanted and file.is_file()}
        return all(file.read_bytes() in originals for file in self.interface)


def find_needs(site_packages: Path, demanded: Collection[str] = ()) -> tuple[HostNeed, ...]:
    """Return which distributions in ``site_packages`` may need a host copy, by name.

    These are those with an interface and with something compiled that is no program (a tool is not linked to), and
    those whose normalised name is ``demanded``.
    """
    found = {canonicalize_name(one.name): one for one in distributions(path=[str(site_packages)])}
    needs = (_need(name, one, demanded=name in demanded) for name, one in sorted(found.items()))
    return tuple(need for need in needs if need)


def _need(name: str, distribution: Distribution, *, demanded: bool) -> HostNeed | None:
    files = distribution.files or ()
    interface = [Path(str(file.locate())) for file in files if file.suffix in _GENERATED]
    compiled = any(file.suffix in {".so", _STATIC} or ".so." in file.name for file in files)
    if not demanded and not (interface and compiled):
        return None
    present = tuple(file for file in interface if file.is_file())
    # RECORD is what the installer wrote. A file that is gone needs no copy.
    return HostNeed(name=name, version=Version(distribution.version), interface=present)
