"""What a build used, gathered where all of it is known: in its workspace, before that is removed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from crossbuild.provenance.inputs import Inputs
from crossbuild.provenance.parameters import parameters_of
from crossbuild.provenance.pinned import build_requirements
from crossbuild.provenance.portable import portable, portable_url
from crossbuild.provenance.resource import Resource
from crossbuild.provenance.tree_hash import tree_hash
from crossbuild.sysroot.model import MANIFEST, Sysroot
from crossbuild.system.filesystem import sha256_of
from crossbuild.toolchain.zig import ZIG_VERSION, zig_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crossbuild.building.workspace import Workspace
    from crossbuild.host.model import Host
    from crossbuild.options.configuration import PackageSettings
    from crossbuild.session.target import Target
    from crossbuild.sources.project import Source
    from crossbuild.wheels.distribution import Distribution


def digest_of(source: Source) -> dict[str, str]:
    """Return the digest of a project before it is built; nothing for one of a repository, which has a commit."""
    if source.sdist:
        return {"sha256": sha256_of(source.sdist)}
    return {"dirHash": tree_hash(source.directory)} if source.is_the_users else {}


def inputs_of(
    source: Source,
    place: Workspace,
    settings: PackageSettings,
    *,
    source_digest: Mapping[str, str],
    used: Iterable[Distribution],
) -> Inputs:
    """Return what the build in ``place`` used; ``used`` are the wheels of the host that it compiled against."""
    sysroot = sysroot_of(place.target)
    return Inputs(
        source_digest=source_digest,
        external=_external(source, place, settings),
        internal=_internal(place, sysroot),
        dependencies=(
            *build_requirements(place.directory.build_lock, place.venv.site_packages),
            *sorted(map(_compiled_against, used), key=lambda one: one.name),
            *_compiler(place),
            *(_packages(sysroot) if sysroot else ()),
        ),
    )


def sysroot_of(target: Target) -> Sysroot | None:
    """Return the sysroot of crossbuild's making that ``target`` has; None if it is another, or none."""
    root = target.host.sysroot
    return Sysroot.from_directory(root) if root and (root / MANIFEST).is_file() else None


def _external(source: Source, place: Workspace, settings: PackageSettings) -> dict[str, Any]:
    session, host = place.session, place.target.host
    said = {
        "options": parameters_of(session.options),
        "config-settings": portable(place.config(settings)),
        "build-requires": portable(settings.build_requires),
        "host-requires": portable({*settings.host_requires, *session.job.host_requires}),
        "environment": portable(settings.environment),
        "variables": portable(session.passed(settings).wishes),
        "subdirectory": source.subdirectory,
        "through-sdist": source.through_sdist,
    }
    python = host.version + "".join(flag for flag in host.abi_flags if flag in "td")
    return {"python": python, **{name: value for name, value in said.items() if value}}


def _internal(place: Workspace, sysroot: Sysroot | None) -> dict[str, Any]:
    target = place.target
    host, toolchain, python = target.host, target.toolchain, target.build_python
    facts = {
        "host": _host(host),
        "toolchain": {"kind": toolchain.kind, "version": portable(toolchain.version)},
        "build-machine": {"platform": python.platform, "python": ".".join(map(str, python.version))},
        # A directory has it from its last commit, which a copy elsewhere may not have.
        "source-date": place.date,
    }
    facts |= {"emulation": emulation} if (emulation := place.session.job.emulation.facts) else {}
    return {**facts, "sysroot": _sysroot(sysroot)} if sysroot else facts


def _host(host: Host) -> dict[str, Any]:
    description = json.dumps([sorted(host.build_time_vars.items()), host.pyconfig])
    return {
        "platform-tag": host.platform.wheel_tag,
        "python": ".".join(map(str, host.python_version)),
        "abi-flags": host.abi_flags,
        "known-by": "measuring" if host.synthesised else "its files",
        "sha256": hashlib.sha256(description.encode()).hexdigest(),
    }


def _sysroot(sysroot: Sysroot) -> dict[str, Any]:
    request = sysroot.request
    facts = {
        "name": str(sysroot.name),
        "requested": list(sysroot.requested),
        "mirror": portable_url(request.mirror),
        "snapshot": request.snapshot,
    }
    return {name: value for name, value in facts.items() if value}


def _packages(sysroot: Sysroot) -> Iterable[Resource]:
    distribution = sysroot.name.distribution
    for one in sysroot.packages:
        yield Resource.from_package(
            one.name, one.version, one.architecture, distribution=distribution, sha256=one.sha256
        )


def _compiled_against(found: Distribution) -> Resource:
    origin = found.origin
    return Resource.from_file(
        "host-requirement",
        origin.filename or found.name,
        project=found.name,
        version=str(found.version),
        url=origin.url,
        hashes=origin.hashes,
    )


def _compiler(place: Workspace) -> Iterable[Resource]:
    if place.target.toolchain.kind == "zig":
        wheel, sha256 = zig_wheel(place.session.services.cache)
        uri, digest = f"pkg:pypi/ziglang@{ZIG_VERSION}", {"sha256": sha256} if sha256 else {}
        yield Resource(role="toolchain", name=wheel or "ziglang", version=ZIG_VERSION, uri=uri, digest=digest)
