"""A software bill of materials of what is installed: CycloneDX 1.6, with the bills that wheels bring (PEP 770).

The same image gives the same text: its serial number is derived from what is installed, and its time is the caller's.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from crossbuild.image.installed import installed_in, required_by
from crossbuild.image.places import EscapeError, Places
from crossbuild.system.filesystem import sha256_of
from crossbuild.wheels.bill_text import bill_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cyclonedx.model import ExternalReference, HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import License

    from crossbuild.host.model import Host
    from crossbuild.image.installed import Installed
    from crossbuild.image.wheel_layout import Layout

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
_WAIVED = "crossbuild:no-check"
"""The property of a component with a fault of its wheel, one for each."""
_LONGEST_LICENSE = 100
"""Characters of a licence's name. Old metadata have the whole text in that field."""


def sbom(layout: Layout, host: Host, *, timestamp: int | None = None) -> str:
    """Return the bill of materials of what is installed in ``layout``, the root of ``host``, as JSON.

    ``timestamp``: seconds since 1970, such as ``SOURCE_DATE_EPOCH``; by default it says no time.
    """
    bom = _bom(installed_in(layout), host, Places(root=layout.root))
    return bill_text(bom, timestamp=timestamp)


def _bom(installed: Sequence[Installed], host: Host, places: Places) -> Bom:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType

    components = {one.name: _component(one, places) for one in installed}
    facts = [f"{one.title} {_record_digest(one, places)}" for one in installed]
    serial_number = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join([host.platform.wheel_tag, host.version, *facts]))
    bom = Bom(serial_number=serial_number, components=components.values())
    bom.metadata.component = root = Component(
        name="root",
        type=ComponentType.APPLICATION,
        bom_ref="root",
        description=f"Python {host.version}{host.abi_flags} for {host.platform.wheel_tag}",
    )
    bom.metadata.tools.components.add(Component(name="crossbuild", type=ComponentType.APPLICATION, bom_ref="tool"))
    askers = required_by(installed, host)
    # Not every installer records what was requested, so packages that nothing requires count as requested.
    bom.register_dependency(root, [components[one.name] for one in installed if one.requested or not askers[one.name]])
    for name, component in components.items():
        bom.register_dependency(component, [components[other] for other, names in askers.items() if name in names])
    return bom


def _component(one: Installed, places: Places) -> Component:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    url = PackageURL(type="pypi", name=one.name, version=one.version)
    return Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        bom_ref=url.to_string(),
        purl=url,
        licenses=_licenses(one),
        external_references=[*_origin(one), *_own_bills(one, places)],
        properties=[Property(name=_WAIVED, value=text) for text in one.waived],
    )


def _record_digest(one: Installed, places: Places) -> str:
    """Return the digest of its RECORD, which has those of its files."""
    return sha256_of(places.content(one.directory / "RECORD")) if one.has_record else ""


def _hashes(digests: Mapping[str, str]) -> list[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    known = {_HASHES[name]: digest for name, digest in digests.items() if name in _HASHES}
    return [HashType(alg=HashAlgorithm(name), content=digest) for name, digest in sorted(known.items())]


def _licenses(one: Installed) -> list[License]:
    from cyclonedx.contrib.license.factories import LicenseFactory

    usable = one.license and "\n" not in one.license and len(one.license) <= _LONGEST_LICENSE
    return [LicenseFactory().make_from_string(one.license)] if usable else []


def _origin(one: Installed) -> Iterator[ExternalReference]:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    if one.origin is None or one.origin.is_here:
        # Of this machine nobody needs to know.
        return
    if one.origin.is_wheel:
        kind = ExternalReferenceType.DISTRIBUTION
    elif one.origin.filename:
        kind = ExternalReferenceType.SOURCE_DISTRIBUTION
    else:
        kind = ExternalReferenceType.VCS
    yield ExternalReference(type=kind, url=XsUri(one.origin.url), hashes=_hashes(one.origin.hashes))


def _own_bills(one: Installed, places: Places) -> Iterator[ExternalReference]:
    """Yield the bills of materials in its metadata, by their paths beside the other packages (PEP 770)."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    for path in sorted(path for path in one.files if path.is_relative_to(one.directory / "sboms")):
        with suppress(EscapeError, OSError):
            hashes = _hashes({"sha256": sha256_of(places.content(path))})
            url = XsUri(str(path.relative_to(one.directory.parent)))
            yield ExternalReference(type=ExternalReferenceType.BOM, url=url, hashes=hashes)
