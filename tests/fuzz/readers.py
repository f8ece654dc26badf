"""All that reads a wheel or an ELF file, each with the one error that it may raise."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import AuditError
from crossbuild.platforms.elf import defined_versions, read_elf
from crossbuild.platforms.elf_sections import loaded_data
from crossbuild.platforms.static_library import archive_members
from crossbuild.wheels.audit import Origin
from crossbuild.wheels.paths import PathSearch
from crossbuild.wheels.promised_hosts import promised_hosts
from crossbuild.wheels.runpaths import localise_run_paths, with_host_names
from crossbuild.wheels.wheel_contents import read_wheel
from tests.audited import audited

if TYPE_CHECKING:
    from tests.fuzz.cases import Case

_OWN = Path("/home/somebody/project")
_NAMES = {Path("/opt"): "/usr", _OWN: ""}


def read(case: Case, scratch: Path) -> None:
    """Read the file of ``case`` in all ways; whatever is raised is an error in crossbuild."""
    if case.reader == "wheel":
        _read_wheel(case, scratch)
    elif case.reader == "ELF file":
        _read_elf(case.content)
    else:
        _read_archive(case.content)


def _read_elf(content: bytes) -> None:
    with suppress(ValueError):
        read_elf("probe.so", content)
    with suppress(ValueError):
        read_elf("probe.so", content, symbols=False)
    with suppress(ValueError):
        defined_versions(content)
    with suppress(ValueError):
        deque(loaded_data(content), maxlen=0)
    PathSearch.from_paths([_OWN]).in_file(content)
    with_host_names(content, _NAMES)


def _read_archive(content: bytes) -> None:
    PathSearch.from_paths([_OWN]).in_file(content)
    with suppress(ValueError):
        for _, member in archive_members(content):
            with suppress(ValueError):
                read_elf("probe.a(probe.o)", member)


def _read_wheel(case: Case, scratch: Path) -> None:
    wheel = scratch / case.name
    wheel.write_bytes(case.content)
    with suppress(AuditError):
        for host in promised_hosts(read_wheel(wheel)):
            # Waived faults do not keep the audit from going on.
            report = audited(wheel, host, build_paths=[_OWN], waive=True)
            if report.waived:
                audited(wheel, host, Origin.PUBLISHED)
        localise_run_paths(wheel, _NAMES)
