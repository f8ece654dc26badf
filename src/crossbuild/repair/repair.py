"""A wheel made to be as its tag promises: with the libraries that it needs, and without debugging data."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crossbuild.repair.bill import Grafted, bill
from crossbuild.repair.graft import graft
from crossbuild.repair.needed import find_needed
from crossbuild.repair.packages import package_of
from crossbuild.repair.stripping import strip_wheel
from crossbuild.system.filesystem import sha256_of
from crossbuild.wheels.archive import open_wheel
from crossbuild.wheels.audit import loaded
from crossbuild.wheels.bundled import BILL
from crossbuild.wheels.retag import change_members
from crossbuild.wheels.wheel_contents import read_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.options.repair_options import RepairOptions
    from crossbuild.repair.graft import Grafting
    from crossbuild.repair.needed import Needed, Runtime
    from crossbuild.wheels.wheel_contents import WheelContents


def repair(
    wheel: Path,
    host: Host,
    options: RepairOptions,
    *,
    runtime: Runtime,
    environ: Mapping[str, str],
) -> tuple[Grafted, ...]:
    """Put into ``wheel``, where it is, what it needs on ``host`` and may not find there; return what that is.

    What the tag of the host promises stays outside. ``runtime`` returns the compiler's own copy of a library. A wheel
    that is wrong in itself is left to the audit. Raises AuditError, and CommandError without patchelf.
    """
    wanted, strip = _is_repaired(host, options), _is_stripped(host, options)
    if strip:
        strip_wheel(wheel, host.platform)
    contents = read_wheel(wheel) if wanted else None
    if contents is None or contents.problems or not contents.elf_files:
        return ()
    found, _ = loaded(contents, host)
    needed = find_needed(found, host, exclude=options.exclude, runtime=runtime)
    if not needed.libraries:
        return ()
    made = graft(wheel, needed, strip=strip, environ=environ)
    grafted = _grafted(needed, made)
    change_members(wheel, made.changed, {**made.added, **_bill(wheel, contents, grafted)})
    return grafted


def _is_repaired(host: Host, options: RepairOptions) -> bool:
    return options.when == "always" or (options.when == "auto" and host.platform.tag_family != "linux")


def _is_stripped(host: Host, options: RepairOptions) -> bool:
    # Who has a host Python of his own debugs there. A wheel for a tag is published.
    return options.strip_wheels or (host.synthesised and host.prefix is None and not options.no_strip)


def _grafted(needed: Needed, made: Grafting) -> tuple[Grafted, ...]:
    return tuple(
        Grafted(
            soname=soname,
            path=made.places[soname],
            sha256=hashlib.sha256(made.added[made.places[soname]]).hexdigest(),
            original_sha256=sha256_of(library.file),
            package=package_of(library),
        )
        for soname, library in sorted(needed.libraries.items())
    )


def _bill(wheel: Path, contents: WheelContents, grafted: tuple[Grafted, ...]) -> dict[str, bytes]:
    with open_wheel(wheel) as archive:
        directory = archive.dist_info
    return {f"{directory}/{BILL}": bill(contents.name, contents.version, grafted).encode()}
