"""A software bill of materials of what is installed: CycloneDX 1.6, with the bills that wheels bring (PEP 770).

The same distributions give the same text: its serial number is derived from them, and its time is the caller's.
"""

from __future__ import annotations

import hashlib
import json
import uuid
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from packaging.metadata import parse_email

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cyclonedx.model import ExternalReference, HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import License

    from crossbuild.distributions import Distribution
    from crossbuild.host.model import Host

_HASHES = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "sha3_256": "SHA3-256",
    "sha3_384": "SHA3-384",
    "sha3_512": "SHA3-512",
}
"""CycloneDX's names of the algorithms, by hashlib's."""
_LONGEST_LICENSE = 100
"""Characters of a licence's name. Old metadata have the whole text in that field."""


def sbom(distributions: Sequence[Distribution], host: Host, *, timestamp: int | None = None) -> str:
    """Return the bill of materials of ``distributions``, installed for ``host``, as JSON.

    ``timestamp``: seconds since 1970, such as ``SOURCE_DATE_EPOCH``; by default it says no time.
    """
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion

    bom = _bom(sorted(distributions, key=lambda one: one.name), host)
    if timestamp is not None:
        bom.metadata.timestamp = datetime.fromtimestamp(timestamp, UTC)
    text = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    return f"{text}\n" if timestamp is not None else _without_time(text)


def _without_time(text: str) -> str:
    document = json.loads(text)
    document["metadata"].pop("timestamp", None)
    return json.dumps(document, indent=2) + "\n"


def _bom(distributions: Sequence[Distribution], host: Host) -> Bom:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType

    components = {one.name: _component(one) for one in distributions}
    facts = [host.platform.wheel_tag, host.version, *(f"{one.name} {_digest(one)}" for one in distributions)]
    bom = Bom(
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(facts)),
        components=components.values(),
    )
    bom.metadata.component = root = Component(
        name="root",
        type=ComponentType.APPLICATION,
        bom_ref="root",
        description=f"Python {host.version}{host.abi_flags} for {host.platform.wheel_tag}",
    )
    bom.metadata.tools.components.add(Component(name="crossbuild", type=ComponentType.APPLICATION, bom_ref="tool"))
    first = [one for one in distributions if one.requested or not one.required_by] or distributions
    bom.register_dependency(root, [components[one.name] for one in first])
    for name, component in components.items():
        needs = [components[one.name] for one in distributions if name in one.required_by]
        bom.register_dependency(component, needs)
    return bom


def _component(one: Distribution) -> Component:
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    url = PackageURL(type="pypi", name=one.name, version=str(one.version))
    return Component(
        name=one.name,
        version=str(one.version),
        type=ComponentType.LIBRARY,
        bom_ref=url.to_string(),
        purl=url,
        hashes=_hashes({"sha256": _digest(one)}),
        licenses=_licenses(one),
        external_references=[*_origin(one), *_own_bills(one)],
    )


def _digest(one: Distribution) -> str:
    with one.wheel.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hashes(digests: Mapping[str, str]) -> list[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    known = {_HASHES[name]: digest for name, digest in digests.items() if name in _HASHES}
    return [HashType(alg=HashAlgorithm(name), content=digest) for name, digest in sorted(known.items())]


def _licenses(one: Distribution) -> list[License]:
    from cyclonedx.factory.license import LicenseFactory

    with zipfile.ZipFile(one.wheel) as archive:
        name = next((name for name in archive.namelist() if name.endswith(".dist-info/METADATA")), None)
        raw = parse_email(archive.read(name))[0] if name else {}
    stated = raw.get("license_expression") or raw.get("license") or ""
    usable = stated and "\n" not in stated and len(stated) <= _LONGEST_LICENSE
    return [LicenseFactory().make_from_string(stated)] if usable else []


def _origin(one: Distribution) -> Iterator[ExternalReference]:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    if one.origin.url.startswith("file:"):
        # Of this machine nobody needs to know.
        return
    if one.origin.is_wheel:
        kind = ExternalReferenceType.DISTRIBUTION
    elif one.origin.filename:
        kind = ExternalReferenceType.SOURCE_DISTRIBUTION
    else:
        kind = ExternalReferenceType.VCS
    yield ExternalReference(type=kind, url=XsUri(one.origin.url), hashes=_hashes(one.origin.hashes))


def _own_bills(one: Distribution) -> Iterator[ExternalReference]:
    """Yield the bills of materials in the wheel, by their paths beside the other packages (PEP 770)."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    with zipfile.ZipFile(one.wheel) as archive:
        for name in sorted(archive.namelist()):
            if ".dist-info/sboms/" in name and not name.endswith("/"):
                digest = hashlib.sha256(archive.read(name)).hexdigest()
                yield ExternalReference(
                    type=ExternalReferenceType.BOM, url=XsUri(name), hashes=_hashes({"sha256": digest})
                )
