"""What METADATA says against the standard, where installers do not look.

Sources: the core metadata specification, PEP 639 (license expressions and files). PyPI refuses such wheels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.metadata import InvalidMetadata, Metadata, parse_email
from packaging.version import Version

from crossbuild.wheels.findings import WheelFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.wheels.archive import WheelArchive

_CHECKED = (
    *("summary", "description_content_type", "dynamic", "provides_extra", "license_expression", "license_files"),
    *("import_names", "import_namespaces"),
)
"""The attributes of packaging's Metadata; what installers read is the matter of :mod:`.metadata_file`."""
_ONCE = frozenset(
    (
        *("summary", "description-content-type", "keywords", "home-page", "download-url", "author", "author-email"),
        *("maintainer", "maintainer-email", "license", "license-expression", "project-url"),
    )
)
_WITH_LICENSE_FILES = Version("2.4")


def standard_warnings(archive: WheelArchive) -> Iterator[WheelFinding]:
    """Yield a warning for each field that is not as the standard has it, and for license files that are missing."""
    fields, unread = parse_email(archive.metadata("METADATA"))
    wheel = archive.path.name
    for name in sorted(_ONCE.intersection(unread)):
        text = f"its METADATA has {name} in a form that cannot be read, or more than once"
        yield WheelFinding(id="nonstandard-metadata", file=wheel, text=text)
    metadata = Metadata.from_raw(fields, validate=False)
    for name in _CHECKED:
        try:
            getattr(metadata, name)
        except InvalidMetadata as error:
            yield WheelFinding(id="nonstandard-metadata", file=wheel, text=f"its METADATA is wrong: {error}")
    if _is_since(fields.get("metadata_version", ""), _WITH_LICENSE_FILES):
        names = set(archive.zip.namelist())
        for file in fields.get("license_files", []):
            if f"{archive.dist_info}/licenses/{file}" not in names:
                text = f"its METADATA names the license file {file}, which is not in its .dist-info/licenses"
                yield WheelFinding(id="missing-license-file", file=wheel, text=text)


def _is_since(version: str, first: Version) -> bool:
    try:
        return Version(version) >= first
    # Also that of a number with more digits than Python converts.
    except ValueError:
        return False
