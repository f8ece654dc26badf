"""A host that its ``build-details.json`` describes (PEP 739), of which many are faulty.

Most faults come of cross-building: what CPython's Tools/build/generate-build-details.py asks of ``sys`` and
``importlib`` (``abi.flags``, ``suffixes``, ``implementation._multiarch``) is then the build machine's Python's; what it
asks of ``sysconfig`` (``platform``, ``abi.extension_suffix``) is the host's. Its first versions gave the directory
above that of the headers, and called it ``c_api.include``. A Python that was moved says where it was before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.described.details import Details
from crossbuild.host.described.lone_variables import read_lone_variables, standard_library
from crossbuild.host.installed.relocation import Relocation
from crossbuild.host.model import PartialHost
from crossbuild.host.reading.files import follow
from crossbuild.host.reading.headers import checked_pyconfig, header_version
from crossbuild.host.reading.libc import with_libc
from crossbuild.host.reading.machine import platform_of
from crossbuild.host.reading.sysconfigdata import find_sysconfigdata, variables_files
from crossbuild.host.reading.variables import check_abi_flags, not_cpython, wrong_suffix
from crossbuild.platforms.platform import ARCHITECTURES, Platform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crossbuild.host.host_request import HostRequest
    from crossbuild.host.model import Host

_MACHINES = ("abi.extension_suffix", "platform", "implementation._multiarch", "suffixes.extensions")
_FLAGS = ("abi.extension_suffix", "libpython.dynamic", "libpython.static", "c_api.headers")
"""The keys that tell, the most trustworthy first."""

_FIX = "Name the host's prefix or its _sysconfigdata*.py instead, or a platform tag such as linux_aarch64."


def is_build_details(document: Mapping[str, object]) -> bool:
    """Return whether ``document`` is meant as a ``build-details.json``."""
    return bool({"schema_version", "language", "implementation", "abi"} & document.keys())


def read_build_details(
    document: Mapping[str, object], *, path: Path, name: str, sysroot: Path | None, request: HostRequest
) -> Host | PartialHost:
    """Return the host that ``document``, which was read from ``path``, describes.

    Where build variables are beside it, those count, and in a standard library all of the Python. Raises HostError if
    it is not CPython's, contradicts itself, or leaves open the version or the machine.
    """
    file = _File(details=Details.from_document(document, path), path=path, name=name)
    file.check_implementation()
    flags = file.abi_flags()
    recorded = request.sysconfigdata
    if variables_files(path.parent):
        recorded = recorded or find_sysconfigdata([path.parent], flags)
    if recorded:
        wanted = replace(request, sysconfigdata=recorded)
        found = read_lone_variables(path, name=name, sysroot=sysroot, request=wanted)
        file.check_version(found)
        wrong = [*file.wrong_machines(found.platform, "its Python is for"), *file.wrong_flags(found.abi_flags)]
        wrong += file.wrong_prefix(found.prefix, found.sysroot)
        return replace(found, defects=(*found.defects, *file.details.defects, *wrong))
    check_abi_flags(flags, request.abi_flags, path)
    return _partial(file, flags, sysroot=sysroot, request=request)


def _partial(file: _File, flags: str, *, sysroot: Path | None, request: HostRequest) -> PartialHost:
    version, micro = file.version()
    place = file.place(sysroot)
    prefix, root = (place.prefix, place.sysroot) if place else (None, sysroot)
    platform, libc = with_libc(file.platform(), root=root)
    headers, wrong_headers = (request.headers, []) if request.headers else file.headers(place, flags)
    pyconfig = _pyconfig(headers, version, platform, file) if headers else None
    found = {"libc": platform.libc_version and libc, "headers": headers, "pyconfig": pyconfig and headers}
    facts = ("platform", "python_version", "abi_flags", "ext_suffix")
    suffix = file.details.text("abi.extension_suffix")
    wrong_suffixes = wrong_suffix(suffix, version, flags) if suffix else []
    return PartialHost(
        name=file.name,
        platform=platform,
        python_version=version,
        micro=micro,
        abi_flags=flags,
        ext_suffix="" if wrong_suffixes else suffix,
        headers=headers,
        pyconfig=pyconfig,
        prefix=prefix,
        sysroot=root,
        origin=dict.fromkeys(facts, str(file.path)) | {fact: str(where) for fact, where in found.items() if where},
        defects=(
            *file.details.defects,
            *file.wrong_machines(platform, "it is for"),
            *file.wrong_flags(flags),
            *file.wrong_prefix(prefix, root),
            *wrong_headers,
            *(f"abi.extension_suffix in {file.path} was left out of account: {why}" for why in wrong_suffixes),
        ),
    )


def _pyconfig(headers: Path, version: tuple[int, int], platform: Platform, file: _File) -> str | None:
    header_version(headers, {"VERSION": "{}.{}".format(*version)}, file.path)
    return checked_pyconfig(headers, platform) if (headers / "pyconfig.h").is_file() else None


@dataclass(frozen=True, kw_only=True)
class _File:
    """A ``build-details.json`` and where it is."""

    details: Details
    path: Path
    name: str

    def check_implementation(self) -> None:
        """Raise HostError unless it is CPython's."""
        name = self.details.text("implementation.name")
        name = name or self.details.text("implementation.cache_tag").partition("-")[0]
        if name == "pypy":
            raise not_cpython(self.path)
        if name != "cpython":
            raise HostError(f"{self.path} is of {name or 'an unnamed Python'}; crossbuild builds for CPython.")

    def version(self) -> tuple[tuple[int, int], int | None]:
        """Return the version, and its third number if that is there. Raises HostError for none, and for several."""
        found = list(self.details.versions())
        # Compared, too, since it is what the host itself will look for.
        suffix = re.match(r"\.cpython-(3)(\d{1,4})(?!\d)", self.details.text("abi.extension_suffix"))
        minors = {version[:2] for version, _ in found} | ({(3, int(suffix[2]))} if suffix else set())
        if not found or len(minors) > 1:
            versions = " and ".join("{}.{}".format(*version) for version in sorted(minors))
            what = f"is of Python {versions} at once" if found else "does not say which version of Python it is of"
            raise HostError(f"{self.path} {what}.", fix=_FIX)
        return found[0][0], next((micro for _, micro in found if micro is not None), None)

    def check_version(self, host: Host | PartialHost) -> None:
        """Raise HostError unless ``host`` is of the version in here, as far as it is here."""
        for version, _ in self.details.versions():
            if version != host.python_version[:2]:
                raise HostError(
                    f"{self.path} is of Python {version[0]}.{version[1]}, but the build variables that go with it are "
                    f"those of {host.python_version[0]}.{host.python_version[1]}.",
                    fix="Name a host Python whose files belong together.",
                )

    def abi_flags(self) -> str:
        """Return ``t``, ``d`` or both, from the first of the names in which it has to be, else from ``abi.flags``."""
        for key in _FLAGS:
            found = re.search(r"(?:cpython-3|python3\.)\d+(t?d?)(?=[-./]|$)", self.details.text(key))
            if found:
                return found[1]
        flags = "".join(sorted(self.details.texts("abi.flags"), reverse=True))
        if not re.fullmatch("t?d?", flags):
            raise HostError(f"abi.flags in {self.path} are {flags!r:.60}; CPython has t, d or both.", fix=_FIX)
        return flags

    def wrong_flags(self, flags: str) -> list[str]:
        """Say whether ``abi.flags`` are others."""
        said = self.details.texts("abi.flags")
        wrong = "abi.flags" in self.details.values and set(said) != set(flags)
        return [f"abi.flags in {self.path} is {said}, but its Python is {flags!r}."] if wrong else []

    def platform(self) -> Platform:
        """Return what it is for. Raises HostError if nothing in it says so."""
        machines = dict(self._machines())
        if not machines:
            why = f"Its platform is {self.details.text('platform')!r}."
            raise HostError(f"{self.path} does not say which machine it is for.", why=why, fix=_FIX)
        first = next(iter(machines.values()))
        alike = {key: one for key, one in machines.items() if one.architecture.abi == first.architecture.abi}
        # Of CPUs that share an ABI, the platform names the very one; the other keys name the C library.
        named = alike.pop("platform", first)
        return replace(next(iter(alike.values()), first), architecture=named.architecture)

    def wrong_machines(self, platform: Platform, who: str) -> list[str]:
        """Say which keys name another machine than ``platform``'s."""
        return [
            f"{key} in {self.path} is {self._text(key)!r}, but {who} {platform.architecture.name}."
            for key, said in self._machines()
            if said.architecture.abi != platform.architecture.abi
        ]

    def _machines(self) -> Iterator[tuple[str, Platform]]:
        for key in _MACHINES:
            text = self._text(key)
            machine = re.sub(r"i[3-6]86", "i686", text.removeprefix("linux-"))
            if re.search(r"\w-linux-(gnu|musl)", text):
                yield key, platform_of({"EXT_SUFFIX": text}, None, name=self.name)
            elif key == "platform" and machine in ARCHITECTURES:
                yield key, Platform(architecture=ARCHITECTURES[machine], libc="glibc", libc_version=None)
            elif key == "platform" and text and not text.startswith("linux-"):
                raise HostError(f"{self.path} is of a Python for {text}; crossbuild builds for Linux.")

    def _text(self, key: str) -> str:
        return self.details.text(key) or next(iter(self.details.texts(key)), "")

    def place(self, sysroot: Path | None) -> Relocation | None:
        """Return where the prefix is on this machine, if it is here."""
        recorded, library = self.details.text("base_prefix"), standard_library(self.path)
        # In a standard library the file's own place is surer than what it records of a Python that was moved.
        if library:
            prefix = library.parents[1]
        elif sysroot and recorded.startswith("/"):
            prefix = follow(sysroot / recorded.lstrip("/"), root=sysroot)
        # PEP 739: a relative path starts from the file's directory.
        elif recorded.startswith("."):
            prefix = follow(self.path.parent / recorded)
            if not self._is_own(prefix):
                return None
        else:
            return None
        names = {"prefix": recorded if recorded.startswith("/") else "/"}
        return Relocation.from_prefix(prefix, names, sysroot, outer=prefix) if prefix.is_dir() else None

    def _is_own(self, prefix: Path) -> bool:
        """Return whether ``prefix`` is beside the file or below, or such that it is in its library."""
        above = self.path.is_relative_to(prefix) and self.path.relative_to(prefix).parts[:1] in {("lib",), ("lib64",)}
        return above or prefix.is_relative_to(self.path.parent)

    def wrong_prefix(self, prefix: Path | None, sysroot: Path | None) -> list[str]:
        """Say whether the Python in ``prefix`` was moved there."""
        recorded = self.details.text("base_prefix")
        if prefix is None and recorded.startswith(".") and not self._is_own(follow(self.path.parent / recorded)):
            return [f"base_prefix in {self.path} is {recorded!r:.200}, which leads to files that are not its Python's."]
        moved = prefix and sysroot is None and recorded.startswith("/") and recorded != str(prefix)
        return [f"base_prefix in {self.path} is {recorded!r}, but its Python is in {prefix}."] if moved else []

    def headers(self, place: Relocation | None, flags: str) -> tuple[Path | None, list[str]]:
        """Return the directory with ``Python.h`` that it names, if that is here, and what is wrong with the name."""
        key = next((key for key in ("c_api.headers", "c_api.include") if self.details.text(key)), "")
        recorded = self.details.text(key)
        named = place.find(str(place.recorded / recorded)) if place and recorded else None
        if named is None or (named / "Python.h").is_file():
            return named, []
        inner = named / ("python{}.{}".format(*self.version()[0]) + flags)
        if not (inner / "Python.h").is_file():
            return None, []
        return inner, [f"{key} in {self.path} is {recorded!r}, but its Python.h is in {inner.name} there."]
