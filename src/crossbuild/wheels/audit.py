"""No wheel leaves unchecked: every file in it must be for the host, and its tags prove nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.wheels import (
    bytecode,
    extension_names,
    extensions,
    inner_versions,
    limited_api,
    loading,
    machine_code,
    metadata_file,
    programs,
    provided,
    references,
    risks,
    scripts,
    tags,
)
from crossbuild.wheels.corrections import correction_warnings, repetition_problems
from crossbuild.wheels.explanations import likely_fix
from crossbuild.wheels.findings import RefusedWheelError, WheelFinding
from crossbuild.wheels.host_libraries import describe_libraries, external_libraries, find_libraries
from crossbuild.wheels.losses import loss_findings
from crossbuild.wheels.manylinux import promised_libraries
from crossbuild.wheels.selection import ALL
from crossbuild.wheels.symbols import symbol_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crossbuild.host.model import Host
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.platforms.platform import Platform
    from crossbuild.toolchain.compile_record import Invocation
    from crossbuild.wheels.host_libraries import HostLibraries, HostLibrary
    from crossbuild.wheels.selection import Selection
    from crossbuild.wheels.wheel_contents import WheelContents


class Origin(Enum):
    """Who made a wheel."""

    BUILT = "built"
    """crossbuild: the wheel gets the tags of the report, and each file once."""
    GIVEN = "given"
    """The user: faults of the build alone are tolerated."""
    PUBLISHED = "published"
    """A project that published it, and could not know of this host: what other hosts live with is tolerated, too."""

    def tolerates(self, finding: WheelFinding) -> bool:
        """Whether a wheel from here is used in spite of ``finding``."""
        return (self is Origin.PUBLISHED and finding.tolerable) or (self is not Origin.BUILT and finding.of_build)


@dataclass(frozen=True, kw_only=True)
class WheelReport:
    """What is in a wheel that passed."""

    name: str
    """The project's normalised name."""
    version: str
    platform_tags: tuple[str, ...]
    """The platform tags that the wheel is to carry; ``("any",)`` for one without machine code."""
    elf_files: tuple[str, ...]
    extension_files: tuple[str, ...]
    """Those of the ELF files that are extension modules."""
    needed_floor: tuple[int, int] | None
    """The oldest glibc that the wheel runs on; None where it needs none, or musl."""
    external_libraries: Mapping[str, tuple[str, ...]]
    """The libraries that the host must have, C library aside, each with the files that need it."""
    host_libraries: tuple[HostLibrary, ...] = ()
    """The same libraries as the host's root has them, sorted by soname."""
    warnings: tuple[str, ...]
    """What did not suffice to refuse the wheel, in sentences."""
    findings: tuple[WheelFinding, ...] = field(default=(), compare=False)
    """All that was found, whether it is a warning, tolerated or waived."""
    tolerated: tuple[str, ...] = ()
    """Faults that wheels from elsewhere often have, and wheels that are built here must not have."""
    waived: tuple[str, ...] = ()
    """The faults that the user waived."""
    repeated: tuple[str, ...] = ()
    """The files that the archive holds or lists more than once, each time with the same content."""
    sha256: str = field(default="", compare=False)
    """The hash of the audited file, if it stays unchanged."""


def audit(
    contents: WheelContents,
    host: Host,
    origin: Origin,
    *,
    invocations: Sequence[Invocation] = (),
    build_paths: Sequence[Path] = (),
    allow_missing_extensions: bool = False,
    backend: str = "",
    waive: bool = False,
    wanted: Selection = ALL,
) -> WheelReport:
    """Check all ``contents`` of a wheel from ``origin`` against ``host`` and return what is in it.

    ``invocations``: the record of the compilers. ``build_paths``: directories of this machine that no file should name.
    ``backend``: the import path of the build backend, for the likely cause. ``waive``: faults are only reported.
    ``wanted``: the findings that count. Raises AuditError with all problems at once.
    """
    losses, suspicions = loss_findings(contents, host, invocations, build_paths)
    contents, libraries = loaded(contents, host)
    symbols = list(symbol_findings(contents, host, libraries))
    found = (
        *_problems(contents, host, libraries, origin),
        *(finding for finding in symbols if finding.severity == "error"),
        *(() if origin is Origin.BUILT else repetition_problems(contents)),
        *(() if allow_missing_extensions else losses),
    )
    faults = [one for one in found if not wanted.has_elsewhere(one)]
    suspicions = [
        *_warnings(contents, host, libraries),
        *(finding for finding in symbols if finding.severity == "warning"),
        *(losses if allow_missing_extensions else ()),
        *suspicions,
        *(correction_warnings(contents, host) if origin is Origin.BUILT else ()),
    ]
    problems, warnings = (list(filter(wanted.takes, found)) for found in (faults, suspicions))
    grave = [one for one in faults if not origin.tolerates(one)]
    errors = list(filter(wanted.takes, grave))
    if errors and not waive:
        others = [*(replace(one, spared=True) for one in problems if one not in errors), *warnings]
        _refuse(contents.path, errors, others, host=host, backend=backend, recorded=_recorded_outputs(invocations))
    external = external_libraries(contents, host.platform)
    return WheelReport(
        name=contents.name,
        version=contents.version,
        # What the tag promises has to hold. If that is unknown, or ignored, the wheel keeps its tags.
        platform_tags=tags.claimed_platforms(contents)
        if errors or any(one.rule.cause for one in grave)
        else tags.platform_tags(contents, host.platform),
        elf_files=tuple(elf.name for elf in contents.elf_files),
        extension_files=tuple(elf.name for elf in contents.elf_files if extension_names.suffix_of(elf) is not None),
        needed_floor=machine_code.needed_floor(contents.elf_files, contents.loading.of_wheel),
        external_libraries=external,
        host_libraries=describe_libraries(external, libraries),
        warnings=tuple(warning.warning for warning in warnings),
        findings=(*(replace(problem, spared=True) for problem in problems), *warnings),
        tolerated=tuple(str(problem) for problem in problems if problem not in errors),
        waived=tuple(map(str, errors)),
        repeated=(*contents.repeated, *contents.repeated_rows),
    )


def loaded(contents: WheelContents, host: Host) -> tuple[WheelContents, HostLibraries]:
    """Return ``contents`` with what the host's loader finds in it, and what it finds on the host."""
    contents = replace(contents, loading=loading.load(contents.elf_files, host))
    libraries = find_libraries(contents, host)
    elsewhere = {soname for soname, provider in libraries.providers.items() if provider.fits}
    # For a tag, its promise counts, not what the sysroot has that stands in for such hosts.
    if host.platform.tag_family != "linux":
        elsewhere = {*promised_libraries(host.platform)}
    return replace(contents, loading=contents.loading.with_found(elsewhere)), libraries


def _problems(contents: WheelContents, host: Host, libraries: HostLibraries, origin: Origin) -> Iterator[WheelFinding]:
    yield from contents.problems
    yield from tags.claim_problems(contents, host)
    yield from metadata_file.python_problems(contents, host)
    foreign: set[str] = set()
    for elf in contents.elf_files:
        for problem in machine_code.machine_problems(elf, host.platform):
            foreign.add(elf.name)
            yield replace(problem, tolerable=_is_beside(elf, contents, host.platform))
        # The C library of code for another machine would only hide the cause.
        if elf.name not in foreign:
            yield from machine_code.loader_problems(elf)
            yield from machine_code.libc_problems(elf, host.platform, contents.loading.of_wheel(elf))
            yield from extensions.extension_problems(elf, host)
            yield from extensions.libpython_problems(elf, host, contents.loading.of_wheel(elf))
            yield from programs.program_problems(elf, host)
        yield from extension_names.suffix_problems(elf, host)
    for impostor in contents.impostors:
        yield extensions.impostor_problem(impostor, tolerable=tags.claims_any(contents))
    archives = list(_archive_problems(contents, host.platform))
    yield from archives
    # If all of its code is for the host, a wheel that is built here gets the host's tag. Others stay as they are.
    if origin is Origin.PUBLISHED or foreign or archives:
        yield from tags.universal_problems(contents)
    yield from references.place_problems(contents, host)
    yield from scripts.script_problems(contents)
    yield from bytecode.bytecode_problems(contents, host)
    yield from loading.stray_problems(contents.loading)
    yield from inner_versions.inner_version_problems(contents.loading)
    yield from limited_api.limited_api_problems(contents)
    if not foreign:
        yield from tags.promise_problems(contents, host.platform)
        yield from provided.provision_problems(contents, host.platform, libraries)


def _archive_problems(contents: WheelContents, platform: Platform) -> Iterator[WheelFinding]:
    """Yield the first problem of each static library: its members were made by one compiler."""
    seen: set[str] = set()
    for member in contents.archive_objects:
        library = member.name.partition("(")[0]
        for problem in machine_code.machine_problems(member, platform):
            if library not in seen:
                yield replace(problem, tolerable=tags.claims_any(contents))
            seen.add(library)


def _is_beside(elf: ElfFile, contents: WheelContents, platform: Platform) -> bool:
    """Whether foreign code may be there on purpose: in a wheel for all machines, if nothing imports it.

    Such wheels hold libraries and programs of several machines, or extensions of which one is the host's.
    """
    if not tags.claims_any(contents):
        return False
    module = elf.base_name.partition(".")[0]
    same = (one for one in contents.elf_files if one.base_name.partition(".")[0] == module)
    return extension_names.suffix_of(elf) is None or any(machine_code.is_for(one, platform) for one in same)


def _warnings(contents: WheelContents, host: Host, libraries: HostLibraries) -> Iterator[WheelFinding]:
    wheel = contents.path.name
    yield from contents.oddities
    # A file that is only named like a library has an error of its own.
    if not contents.machine_code and not contents.impostors and not tags.claims_any(contents):
        yield WheelFinding(id="no-machine-code", file=wheel, text="claims a platform, but holds no machine code")
    for name in contents.repeated_rows:
        yield WheelFinding(id="repeated-row", file=name, text="is named in RECORD twice, with the same hash")
    yield from references.place_warnings(contents, host.platform)
    yield from scripts.script_warnings(contents, host)
    yield from bytecode.bytecode_warnings(contents, host)
    yield from loading.stray_warnings(contents.loading)
    for elf in contents.elf_files:
        yield from extension_names.suffix_warnings(elf, contents, host)
    yield from risks.risk_warnings(contents, host.platform)
    yield from provided.provision_warnings(contents, host.platform, libraries)


def _recorded_outputs(invocations: Sequence[Invocation]) -> frozenset[str]:
    return frozenset(Path(run.output).name for run in invocations if run.output and run.status == 0)


def _refuse(
    wheel: Path,
    problems: Sequence[WheelFinding],
    others: Sequence[WheelFinding],
    *,
    host: Host,
    backend: str,
    recorded: frozenset[str],
) -> None:
    count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise RefusedWheelError(
        f"{wheel.name} was refused: {count} for the host {host.name}.",
        why="\n".join(map(str, problems)),
        fix=likely_fix(problems, platform=host.platform, backend=backend, recorded=recorded),
        findings=[*problems, *others],
    )
