"""What a wheel was built of, and what decided how: gathered while it is built, and kept beside it until it is told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from crossbuild.errors import CrossbuildError
from crossbuild.provenance.resource import Resource
from crossbuild.system.documents import parse_json, read_text
from crossbuild.system.filesystem import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE = "inputs.json"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a wheel was built of; all of it is fit for a statement."""

    source_digest: Mapping[str, str]
    """Of the sdist or the directory; nothing for a repository, which has a commit."""
    external: Mapping[str, Any]
    """What the user said, as far as the wheel depends on it."""
    internal: Mapping[str, Any]
    """What crossbuild found on its own."""
    dependencies: tuple[Resource, ...] = field(default=())
    """Everything but the source."""

    @classmethod
    def from_directory(cls, directory: Path) -> Self | None:
        """Return what :meth:`keep` wrote into ``directory``, None if it did not."""
        file = directory / _FILE
        if not file.is_file():
            return None
        try:
            document = parse_json(read_text(file))
            return cls(
                source_digest=document["source"],
                external=document["external"],
                internal=document["internal"],
                dependencies=tuple(map(Resource.from_json, document["dependencies"])),
            )
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise CrossbuildError(
                f"{file} is damaged.", why=str(error), fix="Remove it: crossbuild cache clear host-wheels."
            ) from None

    def keep(self, directory: Path) -> None:
        """Write it into ``directory``, beside the wheel."""
        document = {
            "source": dict(self.source_digest),
            "external": self.external,
            "internal": self.internal,
            "dependencies": [one.to_json() for one in self.dependencies],
        }
        write_text(directory / _FILE, json.dumps(document, indent=1) + "\n")
