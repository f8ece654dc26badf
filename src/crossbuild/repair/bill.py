"""The bill of materials of the libraries that came along with a wheel, and of the packages that they are from.

Sources: PEP 770 (where it is in the wheel), CycloneDX 1.6, the purl specification (``deb``).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossbuild.wheels.bill_text import bill_text
from crossbuild.wheels.bundled import SONAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclonedx.model.component import Component
    from cyclonedx.model.license import DisjunctiveLicense

    from crossbuild.repair.packages import LibraryPackage

_ORIGINAL = "crossbuild:original-sha256"
"""The property with the hash of a library as its package has it: in the wheel it has another name."""
_NO_LICENSE = "crossbuild:license-missing"


@dataclass(frozen=True, kw_only=True)
class Grafted:
    """A library that came along."""

    soname: str
    """What it was needed by: ``libyaml-0.so.2``."""
    path: str
    """The member of the wheel that it is now."""
    sha256: str
    """Of that."""
    original_sha256: str
    """Of the file that it was."""
    package: LibraryPackage | None = None
    """What it is from; None where nothing tells."""


def bill(name: str, version: str, grafted: Sequence[Grafted]) -> str:
    """Return the bill of what was ``grafted`` into the wheel of the project ``name``, as JSON."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    packages: dict[str, list[Grafted]] = {}
    for one in grafted:
        packages.setdefault(one.package.name if one.package else one.soname, []).append(one)
    components = [_component(title, libraries) for title, libraries in packages.items()]
    facts = [f"{name} {version}", *(f"{one.path} {one.sha256}" for one in grafted)]
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(facts)), components=components)
    url = PackageURL(type="pypi", name=name, version=version)
    bom.metadata.component = wheel = Component(
        name=name, version=version, type=ComponentType.LIBRARY, bom_ref=url.to_string(), purl=url
    )
    bom.metadata.tools.components.add(Component(name="crossbuild", type=ComponentType.APPLICATION, bom_ref="tool"))
    bom.register_dependency(wheel, components)
    return bill_text(bom)


def _component(title: str, libraries: Sequence[Grafted]) -> Component:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    package = libraries[0].package
    files = [_file(one) for one in libraries]
    if package is None:
        missing = [Property(name=_NO_LICENSE, value="It is of no known package.")]
        return Component(name=title, type=ComponentType.LIBRARY, bom_ref=title, components=files, properties=missing)
    url = PackageURL(
        type="deb",
        namespace=package.distribution or "debian",
        name=package.name,
        version=package.version,
        qualifiers={"arch": package.architecture, "distro": package.suite},
    )
    missing = (
        [] if package.copyright else [Property(name=_NO_LICENSE, value="Its copyright file is not in the sysroot.")]
    )
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=url.to_string(),
        purl=url,
        licenses=_licenses(package),
        components=files,
        properties=missing,
    )


def _file(one: Grafted) -> Component:
    from cyclonedx.model import HashAlgorithm, HashType, Property
    from cyclonedx.model.component import Component, ComponentType

    return Component(
        name=one.path,
        type=ComponentType.FILE,
        bom_ref=one.path,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one.sha256)],
        properties=[Property(name=SONAME, value=one.soname), Property(name=_ORIGINAL, value=one.original_sha256)],
    )


def _licenses(package: LibraryPackage) -> list[DisjunctiveLicense]:
    """Return the licences, the first with the text of the copyright file, which has to come with most copies."""
    from cyclonedx.model import AttachedText
    from cyclonedx.model.license import DisjunctiveLicense

    if not package.copyright:
        return []
    first, *others = package.licenses or (f"the copyright file of {package.name}",)
    text = AttachedText(content=package.copyright)
    return [DisjunctiveLicense(name=first, text=text), *(DisjunctiveLicense(name=name) for name in others)]
