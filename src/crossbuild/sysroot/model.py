"""A sysroot as it is on this machine."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from crossbuild.errors import SysrootError
from crossbuild.sysroot.apt import SysrootPackage
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.names import SysrootName
from crossbuild.system.documents import parse_json, read_text
from crossbuild.system.filesystem import write_text

MANIFEST = ".crossbuild-sysroot.json"
_FORMAT = 1
_PYTHON = re.compile(r"python3\.\d+t?")


@dataclass(frozen=True, kw_only=True)
class Sysroot:
    """A root with packages of a distribution, and how it came to be. Whole, or it would have no manifest."""

    directory: Path
    name: SysrootName
    request: SourceRequest
    requested: tuple[str, ...]
    """The packages that the user requested beyond the base set, sorted."""
    packages: tuple[SysrootPackage, ...]
    """All that are in it, sorted by name."""
    locked: tuple[str, ...] = ()
    """What came from a lock file, as ``name=version``; it keeps these versions whatever is added."""
    locked_at: str = ""
    """When the archives had these versions, as the time of a snapshot."""

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """Read the manifest of ``directory``. Raises SysrootError if crossbuild has not made it."""
        try:
            facts: dict[str, Any] = parse_json(read_text(directory / MANIFEST))
            return cls._from_facts(directory, facts)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SysrootError(
                f"{directory} is not a sysroot that crossbuild made.",
                why=f"Its {MANIFEST} cannot be read: {error}.",
                fix="`crossbuild sysroot list` shows those that there are; `crossbuild sysroot create` makes one.",
            ) from None

    @classmethod
    def _from_facts(cls, directory: Path, facts: dict[str, Any]) -> Self:
        if facts["format"] != _FORMAT:
            raise ValueError(f"its format is {facts['format']}, not {_FORMAT}")
        return cls(
            directory=directory,
            name=SysrootName.from_text(facts["name"]),
            request=SourceRequest.from_facts(facts["request"]),
            requested=tuple(facts["requested"]),
            packages=tuple(SysrootPackage(**package) for package in facts["packages"]),
            locked=tuple(facts.get("locked", ())),
            locked_at=facts.get("locked_at", ""),
        )

    def reached_by(self, request: SourceRequest) -> Self:
        """Return it with the login and the further mirrors of ``request``, if that is for the same archive."""
        return replace(self, request=request) if request.archive == self.request.archive else self

    def write_manifest(self, directory: Path) -> None:
        """Write what :meth:`from_directory` reads into ``directory``, as the last thing of all."""
        facts = {
            "format": _FORMAT,
            "name": str(self.name),
            "request": self.request.facts,
            "requested": self.requested,
            "packages": [asdict(package) for package in self.packages],
            "locked": self.locked,
            "locked_at": self.locked_at,
        }
        write_text(directory / MANIFEST, json.dumps(facts, indent=1, default=str) + "\n")

    @property
    def pythons(self) -> tuple[Path, ...]:
        """The distribution's Pythons in it, the default one first."""
        found = [file for file in (self.directory / "usr/bin").glob("python3.*") if _PYTHON.fullmatch(file.name)]
        # Debian's /usr/bin/python3 is a link to the release's default version.
        default = self.directory / "usr/bin/python3"
        own = default.readlink().name if default.is_symlink() else ""
        return tuple(sorted(found, key=lambda file: (file.name != own, file.name)))

    def version_of(self, package: str) -> str:
        """Return the version of ``package``, empty if it is not there."""
        return next((one.version for one in self.packages if one.name == package), "")

    def size(self) -> int:
        """Return the bytes of its files; what is shared with other sysroots is counted in each."""
        sizes = {}  # by inode: a file with several names is there once
        for directory, _, names in os.walk(self.directory):
            for name in names:
                with suppress(FileNotFoundError):  # somebody else may be removing it
                    status = Path(directory, name).lstat()
                    sizes[status.st_ino] = status.st_size
        return sum(sizes.values())
