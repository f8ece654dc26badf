"""File names of extension modules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.wheels.findings import WheelFinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.model import Host
    from crossbuild.platforms.elf import ElfFile
    from crossbuild.wheels.wheel_contents import WheelContents

_FIRST_ABI3T = (3, 15)
_ABI_SUFFIX = re.compile(r"\.(?:cpython-\d|pypy\d|graalpy\d|abi\d).*\.so")


def importable_suffixes(host: Host) -> tuple[str, ...]:
    """Return the suffixes by which the host Python imports extension modules, the most specific first.

    ``_PyImport_DynLoadFiletab`` in CPython's Python/dynload_shlib.c: SOABI, ALT_SOABI (the release ABI of a debug
    build), the stable ABI (not in free-threaded builds), that of free-threaded builds since 3.15, which all builds
    import (PEP 803), ``.so``. CPython since 3.15 and Debian add the multiarch tuple to those of stable ABIs.
    """
    release = str(host.build_time_vars.get("ALT_SOABI") or "").strip('"')
    stable = [] if "t" in host.abi_flags else ["abi3"]
    stable += ["abi3t"] if host.python_version[:2] >= _FIRST_ABI3T else []
    suffixes = [suffix for abi in stable for suffix in (f".{abi}-{host.platform.multiarch}.so", f".{abi}.so")]
    return (host.ext_suffix, *((f".{release}.so",) if release else ()), *suffixes, ".so")


def suffix_of(elf: ElfFile) -> str | None:
    """Return the suffix of an extension module; None if ``elf`` is no extension but a library or program.

    An extension exports the initialisation function of a module called like the file, or its name carries an ABI.
    """
    stem, dot, rest = elf.base_name.partition(".")
    if elf.base_name.endswith(".so") and (stem in elf.modules or _ABI_SUFFIX.fullmatch(dot + rest)):
        return dot + rest
    return None


def suffix_problems(elf: ElfFile, host: Host) -> Iterator[WheelFinding]:
    """Yield a problem if ``elf`` is an extension that the host Python would not find by its name."""
    suffix = suffix_of(elf)
    if suffix is not None and suffix not in importable_suffixes(host):
        text = f"is called {suffix}, which names another Python or platform; the host's suffix is {host.ext_suffix}"
        yield WheelFinding(id="wrong-suffix", file=elf.name, text=text)


def suffix_warnings(elf: ElfFile, contents: WheelContents, host: Host) -> Iterator[WheelFinding]:
    """Yield a warning if ``elf`` is an extension for one version of Python in a wheel that claims to fit more."""
    claims = {tag.abi for tag in contents.tags}
    if elf.base_name.partition(".")[0] in elf.modules and suffix_of(elf) == host.ext_suffix:
        wide = sorted(claims & {"abi3", "none"})
        if wide:
            text = f"is for Python {host.version} alone, but the wheel's ABI tag is {wide[0]}"
            yield WheelFinding(id="narrow-suffix", file=elf.name, text=text)
