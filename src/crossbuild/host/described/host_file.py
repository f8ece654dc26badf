"""A host as one JSON document: what ``crossbuild host capture`` wrote on it, or ``crossbuild host show --json`` here.

Its paths are the host's own. Those of this machine are under ``here``, and count only where there is something.
"""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.described.document import Document
from crossbuild.host.device import Device
from crossbuild.host.host_request import with_config_vars
from crossbuild.host.model import Host, PartialHost
from crossbuild.host.platform_tags import full_tags
from crossbuild.host.reading.headers import check_headers, check_patchlevel
from crossbuild.host.reading.machine import platform_of, with_machine
from crossbuild.host.reading.pyconfig import config_variables
from crossbuild.host.reading.sysconfigdata import read_variables_file
from crossbuild.host.reading.variables import check_abi_flags, check_variables, recorded_abi_flags
from crossbuild.platforms.platform import ARCHITECTURES, MAJOR_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crossbuild.host.host_request import HostRequest
    from crossbuild.host.model import Variables
    from crossbuild.platforms.platform import LibcFamily, Platform, TagFamily

KEY = "crossbuild-host"
"""What the document has and other JSON files have not; its value is the number of the format."""

_FORMAT = 1
_AGAIN = "Capture the host again: crossbuild host capture prints what to run on it."
_LIBCS: tuple[LibcFamily, ...] = ("glibc", "musl")
_TAG_FAMILIES: dict[LibcFamily, tuple[TagFamily, ...]] = {
    "glibc": ("linux", "manylinux"),
    "musl": ("linux", "musllinux"),
}


def read_host_file(
    document: Mapping[str, object], *, path: Path, name: str, sysroot: Path | None, request: HostRequest
) -> Host | PartialHost:
    """Return the host that ``document``, which was read from ``path``, describes.

    It is a whole one if its headers are on this machine. Raises HostError for what is missing, malformed, of another
    format, or contradicts itself.
    """
    whole = Document(values=document, where=str(path), fix=_AGAIN)
    _check_format(document, path)
    python, here = whole.part("python"), whole.part("here")
    version = _version(python)
    variables = whole.variables("build_time_vars")
    if request.sysconfigdata:
        variables = read_variables_file(request.sysconfigdata)
    variables = with_config_vars(variables, request.config_vars)
    platform = _platform(whole.part("platform"), platform_of(variables, None, name=name), name)
    partial = PartialHost(
        name=name,
        platform=platform,
        python_version=version[:2],
        micro=version[2],
        abi_flags=python.text("abi_flags"),
        build_time_vars=variables,
        pyconfig=whole.text("pyconfig") or None,
        headers=_headers(here, version[:2], request),
        header_texts=_header_texts(whole, version[:2]),
        prefix=_there(here.text("prefix")),
        sysroot=sysroot or _there(here.text("sysroot")),
        platform_tags=full_tags(whole.texts("platform_tags"), platform, name=name),
        device=_device(whole.part("device")) if "device" in document else None,
        origin=_origin(path, request, document),
    )
    wrong = list(_contradictions(partial, variables))
    if wrong:
        raise HostError(f"{path} contradicts itself.", why="\n".join(wrong), fix=_AGAIN)
    check_abi_flags(partial.abi_flags, request.abi_flags, path)
    check_variables(variables, version, str(path))
    return _completed(partial, synthesised=bool(document.get("synthesised")))


def host_document(host: Host) -> dict[str, object]:
    """Return ``host`` as :func:`read_host_file` reads it, with all but its name and where its facts are from."""
    platform = host.platform
    here = {"headers": host.headers, "prefix": host.prefix, "sysroot": host.sysroot}
    return {
        KEY: _FORMAT,
        "python": {
            "implementation": "cpython",
            "version": ".".join(map(str, host.python_version)),
            "abi_flags": host.abi_flags,
            "prefix": host.build_time_vars.get("prefix"),
        },
        "platform": {
            "sysconfig": platform.sysconfig_platform,
            "machine": platform.architecture.name,
            "bits": platform.architecture.bits,
            "libc": platform.libc,
            "libc_version": "{}.{}".format(*platform.libc_version) if platform.libc_version else None,
            "tag_family": platform.tag_family,
        },
        "platform_tags": list(host.platform_tags),
        "build_time_vars": dict(host.build_time_vars),
        "pyconfig": host.pyconfig,
        "synthesised": host.synthesised,
        "here": {key: str(place) if place else None for key, place in here.items()},
        **({"device": asdict(host.device)} if host.device else {}),
    }


def _check_format(document: Mapping[str, object], path: Path) -> None:
    # Not by isinstance: JSON's true would count as 1.
    if type(document.get(KEY)) is not int or document[KEY] != _FORMAT:
        raise HostError(
            f"{path} has another format than this crossbuild reads: {document.get(KEY)!r} instead of {_FORMAT}.",
            fix=_AGAIN,
        )
    missing = [key for key in ("python", "platform", "build_time_vars") if not document.get(key)]
    if missing:
        raise HostError(f"{path} is not whole: it has no {' and no '.join(missing)}.", fix=_AGAIN)


def _version(python: Document) -> tuple[int, int, int]:
    implementation = python.text("implementation")
    if implementation != "cpython":
        raise HostError(
            f"{python.where} is {implementation or 'unnamed'}; crossbuild builds for CPython.",
            fix="Capture a CPython of the host: ssh … python3.X - < capture.py",
        )
    found = re.fullmatch(r"(3)\.(\d{1,4})\.(\d{1,4})", python.text("version"), re.ASCII)
    if not found:
        raise HostError(f"version in {python.where} is not a version of Python 3, such as 3.11.2.", fix=_AGAIN)
    return int(found[1]), int(found[2]), int(found[3])


def _platform(said: Document, recorded: Platform, name: str) -> Platform:
    """Return the platform that the build variables recorded, with what only a running host knows."""
    libc, version = said.text("libc") or recorded.libc, said.text("libc_version")
    numbers = re.match(r"(\d)\.(\d{1,3})(?!\d)", version, re.ASCII)
    family = said.text("tag_family") or "linux"
    # Before 3.11 a Python for musl records `gnu`; the other way round there is none.
    if libc not in _LIBCS or (libc, recorded.libc) == ("glibc", "musl"):
        raise HostError(f"libc in {said.where} is {libc}, but its build variables are for {recorded.libc}.", fix=_AGAIN)
    if (version and not (numbers and int(numbers[1]) == MAJOR_VERSIONS[libc])) or family not in _TAG_FAMILIES[libc]:
        what = f"{said.where} is malformed, or no {libc}'s: libc_version {version!r:.60}, tag_family {family!r:.60}."
        raise HostError(what, fix=_AGAIN)
    return replace(
        _with_machine(recorded, re.sub(r"^i[3-5]86$", "i686", said.text("machine")), name),
        libc=libc,
        libc_version=(int(numbers[1]), int(numbers[2])) if numbers else None,
        tag_family=family,
    )


def _with_machine(recorded: Platform, machine: str, name: str) -> Platform:
    """Return ``recorded`` for the CPU ``machine``, a name that is silent on which of Arm's float ABIs is meant."""
    if recorded.architecture.float_abi == "soft" and machine.startswith("arm"):
        return recorded
    known = ARCHITECTURES.get(machine, recorded.architecture)
    if known.abi != recorded.architecture.abi:
        raise HostError(
            f"{name} contradicts itself: its machine is {machine}, its build variables are for {recorded.multiarch}.",
            fix=_AGAIN,
        )
    return with_machine(recorded, machine, name=name)


def _contradictions(host: PartialHost, variables: Variables) -> Iterator[str]:
    version, bits = "{}.{}".format(*host.python_version), host.platform.architecture.bits
    if variables.get("VERSION", version) != version:
        yield f"It is Python {version}, but its build variables are those of {variables['VERSION']!r:.60}."
    flags = recorded_abi_flags(variables)
    if flags != host.abi_flags:
        yield f"Its ABI flags are {host.abi_flags!r:.60}, but its build variables say {flags!r:.60}."
    size = config_variables(host.pyconfig).get("SIZEOF_VOID_P") if host.pyconfig is not None else bits // 8
    if size != bits // 8:
        yield f"Its pointers have {bits // 8} bytes, but its pyconfig.h says {size!r}."


def _there(text: str) -> Path | None:
    path = Path(text)
    return path if path.is_absolute() and path.is_dir() else None


def _headers(here: Document, version: tuple[int, int], request: HostRequest) -> Path | None:
    """Return the directory of its headers, if it is on this machine; what the user names has to fit."""
    if request.headers:
        check_headers(request.headers, version)
        return request.headers
    # This machine may have other headers there by now. Then those of the build Python do.
    recorded = _there(here.text("headers"))
    try:
        if recorded:
            check_headers(recorded, version)
    except HostError:
        return None
    return recorded


def _header_texts(whole: Document, version: tuple[int, int]) -> dict[str, str]:
    texts, where = whole.table("headers"), f"headers in {whole.where}"
    for name in texts:
        path = PurePosixPath(name)
        # These names become files in the cache, and none may lead out of there.
        # Directories cannot have the names of headers.
        clean = re.fullmatch(r"[\w./+-]{1,200}\.h", name, re.ASCII) and str(path) == name and not path.is_absolute()
        if not clean or ".." in path.parts or any(str(above) in texts for above in path.parents):
            raise HostError(f"{where} holds {name!r:.200}, which is no header below a directory.", fix=_AGAIN)
    if texts and "Python.h" not in texts:
        raise HostError(f"{where} has no Python.h.", fix=_AGAIN)
    if texts:
        check_patchlevel(texts.get("patchlevel.h", ""), version, where=where)
    return texts


def _device(said: Document) -> Device:
    return Device(
        markers=said.table("markers"),
        tags=said.texts("tags"),
        libraries=said.texts("libraries"),
        distributions=said.table("distributions"),
        cpu_features=said.texts("cpu_features"),
    )


def _origin(path: Path, request: HostRequest, document: Mapping[str, object]) -> dict[str, str]:
    facts = ["platform", "python_version", "abi_flags", "build_time_vars", "pyconfig", "device"]
    facts += ["headers"] if document.get("headers") else []
    given = {"build_time_vars": request.sysconfigdata, "headers": request.headers}
    return dict.fromkeys(facts, str(path)) | {fact: str(file) for fact, file in given.items() if file}


def _completed(partial: PartialHost, *, synthesised: bool) -> Host | PartialHost:
    """Return the whole host if nothing is missing. What was measured is measured anew where its headers are gone."""
    variables, headers, pyconfig = partial.build_time_vars, partial.headers, partial.pyconfig
    if variables is None or headers is None or pyconfig is None or partial.micro is None:
        return replace(partial, build_time_vars=None, pyconfig=None) if synthesised else partial
    return Host(
        **partial.common,
        python_version=(*partial.python_version, partial.micro),
        build_time_vars=variables,
        headers=headers,
        pyconfig=pyconfig,
        synthesised=synthesised,
    )
