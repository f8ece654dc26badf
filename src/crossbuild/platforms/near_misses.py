"""What to type for a host, where a user typed something near: another tool's name, a name with a typo, half a tag.

Sources of the names: Debian's ports, GNU config.sub, Go and the OCI image specification (``linux/arm/v7``), rustc's
target triples, cibuildwheel's build identifiers (``cp312-manylinux_aarch64``), and those of everyday talk.
"""

from __future__ import annotations

import difflib
import itertools
import re
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.platforms.debian import DEBIAN_ARCHITECTURES, SUITES, oldest_suite
from crossbuild.platforms.platform import ARCHITECTURES, FIRST_GLIBC, LEGACY_FLOORS, WITHOUT_MANYLINUX, Platform

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_MUSL_DISTRIBUTIONS = ("alpine", "openwrt", "postmarketos")
_GLIBC_DISTRIBUTIONS = (
    *("almalinux", "amazonlinux", "arch", "archlinux", "armbian", "centos", "fedora", "mint", "opensuse", "rhel"),
    *("rocky", "suse", "raspbian", "raspberrypi", "raspios", "yocto", "buildroot"),
)
_GNU = ("gnu", "gnueabihf", "gnueabi", "glibc")
_OTHER_SYSTEMS = {
    "macOS": r"mac(?:os)?x?|darwin|osx|apple",
    "Windows": r"win(?:32|64|dows)?|cygwin|mingw(?:32|64)?|msvc",
    "iOS": r"ios|iphoneos|iphonesimulator",
    "Android": r"android|androideabi",
    "BSD": r"\w*bsd",
    "WebAssembly": r"emscripten|pyodide|pyemscripten|wasi|wasm|wasm32",
}
_ALIASES = {
    "aarch64": ("arm64", "arm64v8", "armv8", "armv8a"),
    "armv5tel": ("armel", "armv5", "arm_v5", "arm32v5"),
    "armv6l": ("armv6", "armv6hf", "arm_v6", "arm32v6"),
    "armv7l": ("armhf", "armv7", "armv7a", "armv7hl", "armv8l", "arm_v7", "arm32v7"),
    "i686": ("x86", "386", "i386", "i486", "i586"),
    "loongarch64": ("loong64", "loongarch"),
    "ppc64le": ("ppc64el", "powerpc64le"),
    "riscv64": ("riscv", "rv64", "rv64gc"),
    "s390x": ("s390",),
    "x86_64": ("amd64", "x64"),
}
_FLOOR = (2, 28)
"""The glibc to offer where none is named: that of AlmaLinux 8, which most wheels on PyPI are made for."""
_LONGEST = 100
"""Characters of a name that are looked at."""
_IDENTIFIER = re.compile(r"[cp]p(?P<major>3)(?P<minor>\d+)t?$")
_OCI = re.compile(r"linux/\w+(/v\d+)?")


def near_host(text: str) -> HostError | None:
    """Return the error that says what to type instead of ``text`` as a host, None if nothing comes near."""
    parts = _parts(text)
    if system := other_system(text):
        return HostError(
            f"{text!r} is not a Linux host, and crossbuild builds wheels for Linux hosts only.",
            fix=f"Build wheels for {system} with another tool, such as cibuildwheel.",
        )
    meant = _meant(text, parts)
    if not meant:
        return None
    version = next((f"{one['major']}.{one['minor']}" for one in map(_IDENTIFIER.match, parts) if one), "")
    foreign = any(part in parts for part in _GLIBC_DISTRIBUTIONS)
    return HostError(
        f"Unknown host {text!r}.",
        why="crossbuild fetches only the Pythons of Debian and Ubuntu." if foreign else "",
        fix=f"Use --host {_listed(meant)}{f' with --python {version}' if version else ''}."
        + (" Or describe the device's own Python with crossbuild host capture." if foreign else ""),
    )


def other_system(text: str) -> str | None:
    """Return the system other than Linux that ``text`` names, such as ``macosx_11_0_arm64``; None if it names none."""
    parts = _parts(text)
    return next((name for name, words in _OTHER_SYSTEMS.items() if _has(parts, words)), None)


def looks_like_platform(text: str) -> bool:
    """Return whether ``text``, with a slash in it, is a container's platform (``linux/arm64``) rather than a path."""
    return bool(_OCI.fullmatch(text))


def near_architecture(text: str) -> str | None:
    """Return the name that wheel tags have for the machine that ``text`` names in its way; None if nothing is near."""
    return _machine(_parts(text))


def near_sysroot(text: str) -> str | None:
    """Return the name of a sysroot that is near ``text``: ``debian:bookworm:arm64``; None if there is none."""
    suite, machine = _suite(_parts(text)), near_architecture(text)
    debian = DEBIAN_ARCHITECTURES.get(machine or "")
    return ":".join((*suite, debian)) if suite and debian else None


def near_suite(distribution: str, suite: str) -> str | None:
    """Return the suite of ``distribution`` whose name is near ``suite``, None if there is none, or if it is known."""
    known = SUITES.get(distribution, ())
    return next(iter(difflib.get_close_matches(suite, known, n=1)), None) if suite not in known else None


def _parts(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text[:_LONGEST].lower())


def _has(parts: Sequence[str], words: str) -> bool:
    return any(re.fullmatch(words, part) for part in parts)


def _meant(text: str, parts: Sequence[str]) -> list[str]:
    """Return what may be meant, each with what it is, the likeliest first."""
    found, libc, suite = _machine(parts), _libc(parts), _suite(parts)
    machine = found or "aarch64"
    another = "" if found else f", or another machine instead of {machine}"
    if suite:
        name, debian = ":".join(suite), DEBIAN_ARCHITECTURES.get(machine, "armhf")
        return [f"{name}:{debian}" + ("" if found else f", or another architecture instead of {debian}")]
    if found is None and (libc is None or _names_machine(parts)):
        return []
    asked = f"linux_{machine}" if text.startswith("linux_") else _tag(parts, libc, machine)
    tags = [asked] if asked else _tags(machine, libc)
    own = [] if asked or libc == "musl" or _near(parts, ("manylinux",)) else _own_python(machine)
    return [*(f"{tag} ({_promise(tag)}{another})" for tag in tags), *own]


def _machine(parts: Sequence[str]) -> str | None:
    text = f"_{'_'.join(parts)}_"
    aliases = {alias: name for name, known in _ALIASES.items() for alias in known}
    aliases |= {name: name for name in ARCHITECTURES}
    found = max((alias for alias in aliases if f"_{alias}_" in text), key=len, default=None)
    if found:
        return aliases[found]
    if "arm" in parts:
        return "armv5tel" if "gnueabi" in parts or "musleabi" in parts else "armv7l"
    return next((aliases[near] for near in _near(parts, aliases)), None)


def _names_machine(parts: Sequence[str]) -> bool:
    """Return whether ``parts``, a tag's, end in the name of a machine."""
    return parts[0].startswith(("manylinux", "musllinux")) and not parts[-1].isdecimal() and len(parts) > 1


def _libc(parts: Sequence[str]) -> str | None:
    if _near(parts, ("musllinux", "musl", "musleabihf", *_MUSL_DISTRIBUTIONS)):
        return "musl"
    return "glibc" if _near(parts, ("manylinux", *_GNU, *_GLIBC_DISTRIBUTIONS)) or _legacy(parts) else None


def _legacy(parts: Iterable[str]) -> str | None:
    return next((part for part in parts if part in LEGACY_FLOORS), None)


def _suite(parts: Sequence[str]) -> tuple[str, str] | None:
    """Return the distribution and the suite that ``parts`` name, or the likeliest suite of a distribution."""
    for distribution, suites in SUITES.items():
        near = _near(parts, suites)
        if near:
            return distribution, near[0]
    for distribution in _near(parts, SUITES):
        suites = SUITES[distribution]
        return distribution, next((suite for suite, number in suites.items() if number in parts), next(iter(suites)))
    return None


def _near(parts: Iterable[str], words: Collection[str]) -> list[str]:
    """Return those of ``words`` that one of ``parts`` is, or is a typo of: first of all, one with letters swapped."""
    return [near for part in parts for near in _nearest(part, words)]


def _nearest(part: str, words: Collection[str]) -> list[str]:
    near = difflib.get_close_matches(part, words, cutoff=0.75)
    return sorted(near, key=lambda word: sorted(word) != sorted(part))[:1]


def _tag(parts: Sequence[str], libc: str | None, machine: str) -> str | None:
    """Return the tag in ``parts``, if they say which version of the C library it promises."""
    numbers = next((pair for pair in itertools.pairwise(parts) if all(map(str.isdecimal, pair))), None)
    family = "musllinux" if libc == "musl" else "manylinux"
    name = _legacy(parts) or (f"{family}_{numbers[0]}_{numbers[1]}" if libc and numbers else "")
    try:
        return Platform.from_tag(f"{name}_{machine}").wheel_tag if name else None
    except HostError:
        return None


def _tags(machine: str, libc: str | None) -> list[str]:
    floor = "manylinux_{}_{}".format(*max(_FLOOR, FIRST_GLIBC.get(machine, _FLOOR)))
    glibc = "linux" if machine in WITHOUT_MANYLINUX else floor
    families = {"glibc": [glibc], "musl": ["musllinux_1_2"], None: [glibc, "musllinux_1_2"]}[libc]
    return [f"{family}_{machine}" for family in families]


def _promise(tag: str) -> str:
    platform = Platform.from_tag(tag)
    return f"{platform.libc_text} or newer" if platform.libc_version else "no promise of a glibc version"


def _own_python(machine: str) -> list[str]:
    debian = DEBIAN_ARCHITECTURES.get(machine)
    return [f"debian:{oldest_suite(machine)}:{debian} (Debian's own Python)"] if debian else []


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
