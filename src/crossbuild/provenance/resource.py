"""Something that a build used, as in-toto describes it.

Source: in-toto attestation framework, ``spec/v1/resource_descriptor.md`` and ``spec/v1/digest_set.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from packaging.utils import canonicalize_name
from packaging.version import Version

from crossbuild.provenance.portable import portable_url

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIGEST = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A file, a package or a directory that a build used."""

    role: str
    """What it was to the build: ``source``, ``build-requirement`` …"""
    name: str
    """Of the file, the package or the project."""
    project: str = ""
    """The normalised name of the Python project, where the name is a file's."""
    version: str = ""
    uri: str = ""
    """Where it is, or what identifies it; empty for what is only on the machine that built."""
    digest: Mapping[str, str] = field(default_factory=dict)
    """Hexadecimal digests by the names that in-toto has for them."""

    @classmethod
    def from_file(
        cls, role: str, filename: str, *, project: str, version: str, url: str, hashes: Mapping[str, str]
    ) -> Self:
        """Return a distribution that was downloaded from ``url``, or was there."""
        digest = {name: hashes[name] for name in sorted(hashes)}
        uri = portable_url(url)
        return cls(role=role, name=filename, project=project, version=version, uri=uri, digest=digest)

    @classmethod
    def from_package(cls, name: str, version: str, architecture: str, *, distribution: str, sha256: str) -> Self:
        """Return a package of a distribution's archive, with a package URL."""
        uri = f"pkg:deb/{distribution}/{quote(name)}@{quote(version, safe='')}?arch={architecture}"
        return cls(role="sysroot-package", name=name, version=version, uri=uri, digest={"sha256": sha256})

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read a descriptor of ours. Raises LookupError, TypeError, AttributeError and ValueError for what is none."""
        annotations = document["annotations"]
        read = cls(
            role=str(annotations["role"]),
            name=str(document["name"]),
            project=str(annotations.get("project", "")),
            version=str(annotations.get("version", "")),
            uri=str(document.get("uri", "")),
            digest={str(name): str(value) for name, value in document.get("digest", {}).items()},
        )
        # They become lines of a requirements file, which has options, too.
        if not all(map(_DIGEST.fullmatch, read.digest.values())):
            raise ValueError(f"the digest of {read.name!r} is malformed")
        if read.project:
            canonicalize_name(read.project, validate=True)
            Version(read.version or "0")
        return read

    def to_json(self) -> dict[str, Any]:
        """Return its ResourceDescriptor, without what is empty."""
        facts = {"name": self.name, "uri": self.uri, "digest": dict(self.digest)}
        annotations = {"role": self.role, "project": self.project, "version": self.version}
        return {**_said(facts), "annotations": _said(annotations)}

    @property
    def sha256(self) -> str:
        """Its SHA-256, empty if that is not known."""
        return self.digest.get("sha256", "")

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.name} {self.version}" if self.version and self.version not in self.name else self.name


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value}
