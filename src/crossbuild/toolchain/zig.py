"""zig as the toolchain: one download that compiles C and C++ for every Linux host, with the libc floor in its target.

Sources: zig's lib/libc (which libc versions it carries), ``zig targets``; measured where it is silent.
"""

from __future__ import annotations

import tempfile
import zipfile
from contextlib import suppress
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from crossbuild.errors import CrossbuildError, ToolchainError
from crossbuild.platforms.system_directories import header_directories, library_directories
from crossbuild.system.cache import digest
from crossbuild.system.filesystem import sha256_of
from crossbuild.system.programs import run_program
from crossbuild.system.rooted_paths import directories_in
from crossbuild.toolchain.binutils import binutils_for_zig
from crossbuild.toolchain.model import Toolchain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crossbuild.platforms.platform import Platform
    from crossbuild.system.cache import Cache

ZIG_VERSION = "0.17.1"
_COMPILER, _LIBRARIES = "zig-compiler", "zig"
"""The kinds of cache entries for zig, and for what it compiled of its libraries: its own cache, which is one entry."""
_NOTE = "wheel.sha256"
"""The file beside zig that says which wheel it is from."""
_ATOMICS = "crossbuild-armv5-atomics"
_NEWEST_GLIBC = (2, 44)
_LOWEST_GLIBC = {"loongarch64": (2, 36), "ppc64le": (2, 19), "riscv64": (2, 27)}
_LOWEST_GLIBC_ELSEWHERE = (2, 17)
_MUSL = (1, 2)
_OLDEST_CPU = {
    "armv5tel": "arm926ej_s",
    "armv6l": "arm1176jzf_s",
    "armv7l": "generic+v7a+vfp3d16-neon-d32",
    "i686": "i686",
    "s390x": "z196",
}
"""The CPUs that Debian's compilers are made for, in zig's words, where zig's own choice is a newer one.

Debian's GCC says ``armv5te``, ``armv7-a+fp`` (VFPv3 with 16 registers, no NEON), ``i686`` (no SSE) and ``z196`` (no
vectors) with ``gcc -v``; armv6l, which it has not, is the CPU of the first Raspberry Pi and the Zero (VFPv2). zig 0.17
without these: ARMv7 for all Arms, with NEON, Pentium 4, and z13. Its choices for the other machines are no newer than
Debian's: ARMv8.0, LA64 v1.0, POWER8, RV64GC, x86-64.
"""

_FRESH_ADDRESSES = ("-mllvm", "-disable-machine-cse")
"""Keeps the address of a memory operand of inline assembly (``"m"``) from being kept across branches and calls.

For 32-bit Arm, LLVM puts such an address into a register, and this pass lets later statements use the register again.
GCC, and LLVM for other machines, start from the stack or frame pointer. Code that switches stacks, such as coroutines,
moves these pointers between two statements, and the second has to find its operand on the new stack.
"""

# In builds without optimisation zig makes undefined behaviour trap; what was meant for gcc and clang expects neither.
# It also makes an error of __DATE__, for reproducibility's sake, and its linker one of a version script that names what
# is not there, as many do.
_HABITS_UNDONE = ("-fno-sanitize=undefined", "-Wno-error=date-time", "-Wl,--undefined-version")


class ZigSource(Protocol):
    """Where zig comes from."""

    def download(self, version: str, into: Path) -> Path:
        """Return the wheel of that ``version``, downloaded into the directory ``into``. Raises CrossbuildError."""


def zig_toolchain(
    platform: Platform,
    *,
    sysroot: Path | None,
    cache: Cache,
    environ: Mapping[str, str],
    source: ZigSource,
    path: str = "",
) -> Toolchain:
    """Return zig as the toolchain for ``platform``, downloaded into ``cache`` on first use.

    ``sysroot`` gives the host's libraries and headers, but for libc, which zig brings. ``environ`` is the environment
    that zig runs in, and ``source`` where it is downloaded from. ``path`` is a ``PATH`` with binary tools that zig
    lacks. Raises ToolchainError if the platform's libc is older than what zig can link for, or if the download fails.
    """
    _check_floor(platform)
    zig = str(fetch_zig(cache, source))
    more = search_flags(platform, sysroot)
    if platform.architecture.name == "armv5tel":
        more += _armv5_atomics(zig, _machine_flags(platform), cache, environ)
    tools = zig_tools(zig, platform, flags=more, sysroot=sysroot)
    return replace(tools, binutils={**binutils_for_zig(platform, path), **tools.binutils})


def zig_tools(zig: str, platform: Platform, *, flags: Sequence[str], sysroot: Path | None) -> Toolchain:
    """Return the program ``zig`` as the toolchain for ``platform``, told ``flags`` as well."""
    # zig links statically for musl by default.
    dynamic = ("-dynamic",) if platform.libc == "musl" else ()
    flags = (*_machine_flags(platform), *_HABITS_UNDONE, *dynamic, *flags)
    return Toolchain(
        kind="zig",
        platform=platform,
        version=f"zig {ZIG_VERSION}",
        cc=(zig, "cc", *flags),
        cxx=(zig, "c++", *flags),
        ar=(zig, "ar"),
        ranlib=(zig, "ranlib"),
        # Its objcopy cannot strip ELF files yet ("unimplemented"); what is not stripped is larger, and no worse.
        strip=("true",),
        binutils={"ld": (zig, "ld.lld", *(flag for flag in flags if flag.startswith("-L")))},
        sysroot=sysroot,
    )


def zig_target(platform: Platform) -> str:
    """Return zig's name for ``platform``, with the glibc version if one is promised: ``aarch64-linux-gnu.2.28``."""
    name = f"{platform.architecture.zig_cpu}-linux-{platform.environment}"
    if platform.libc == "musl" or platform.libc_version is None:
        return name
    # What is linked against an older glibc runs with a newer one, so the newest that zig has will do.
    return "{}.{}.{}".format(name, *min(platform.libc_version, _NEWEST_GLIBC))


def oldest_zig_target(platform: Platform) -> str:
    """Return zig's name for ``platform`` with the oldest glibc that zig links for there."""
    return zig_target(replace(platform, libc_version=_oldest_libc(platform)))


def zig_program(cache: Cache) -> Path:
    """Return where ``cache`` has the program, or will have it."""
    return cache.path(_COMPILER, ZIG_VERSION) / "ziglang" / "zig"


def zig_wheel(cache: Cache) -> tuple[str, str]:
    """Return the name and the SHA-256 of the wheel that the zig in ``cache`` was unpacked from; empty if not known."""
    note = cache.path(_COMPILER, ZIG_VERSION) / _NOTE
    digest, _, name = note.read_text(encoding="utf-8").strip().partition("  ") if note.is_file() else ("", "", "")
    return name, digest


def _machine_flags(platform: Platform) -> tuple[str, ...]:
    inline_assembly = _FRESH_ADDRESSES if platform.architecture.elf_machine == "EM_ARM" else ()
    return ("-target", zig_target(platform), *_oldest_cpu(platform), *inline_assembly)


def _oldest_cpu(platform: Platform) -> tuple[str, ...]:
    cpu = _OLDEST_CPU.get(platform.architecture.name)
    return (f"-mcpu={cpu}",) if cpu else ()


def _armv5_atomics(zig: str, flags: Sequence[str], cache: Cache, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the options that link the atomic operations of CPUs without such instructions, compiled on first use."""
    source = files("crossbuild.toolchain").joinpath("armv5_atomics.c").read_text(encoding="utf-8")
    own_caches = {name: str(cache.path(_LIBRARIES)) for name in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")}
    # Without unwind tables, nothing is asked of a C++ run-time library.
    options = ("-O2", "-g0", "-fPIC", "-fno-unwind-tables")

    def make(scratch: Path) -> None:
        (scratch / "atomics.c").write_text(source, encoding="utf-8")
        compile_it = (zig, "cc", *flags, *_HABITS_UNDONE, *options, "-c", "atomics.c")
        for command in (compile_it, (zig, "ar", "rcs", f"lib{_ATOMICS}.a", "atomics.o")):
            done = run_program(command, env={**environ, **own_caches}, cwd=scratch)
            if done.returncode:
                raise ToolchainError("zig cannot compile the atomic operations for ARMv5.", why=done.stderr.strip())

    directory = cache.entry("armv5-atomics", digest(ZIG_VERSION, [*flags, *options], source), make)
    return f"-L{directory}", f"-l{_ATOMICS}"


def search_flags(platform: Platform, root: Path | None) -> tuple[str, ...]:
    """Return the options for a root whose libc is not used: its headers and libraries come after zig's own."""
    if root is None:
        return ()
    return (
        *(word for place in directories_in(root, header_directories(platform)) for word in ("-idirafter", str(place))),
        *(f"-L{place}" for place in directories_in(root, library_directories(platform))),
    )


def _check_floor(platform: Platform) -> None:
    if platform.libc_version is None:
        return
    lowest = _oldest_libc(platform)
    if platform.libc_version < lowest:
        family = "musllinux" if platform.libc == "musl" else "manylinux"
        raise ToolchainError(
            f"zig cannot compile for {platform.libc_text} on {platform.architecture.name}.",
            why="The lowest it can link for there is {}.{}.".format(*lowest),
            fix="Use --host {}_{}_{}_{}".format(family, *lowest, platform.architecture.name)
            + f", or a GNU compiler for {platform.gnu_type} (--toolchain gnu).",
        )


def _oldest_libc(platform: Platform) -> tuple[int, int]:
    if platform.libc == "musl":
        return _MUSL
    return _LOWEST_GLIBC.get(platform.architecture.name, _LOWEST_GLIBC_ELSEWHERE)


def fetch_zig(cache: Cache, source: ZigSource) -> Path:
    """Return the program, downloaded from ``source`` into ``cache`` if it is not there. Raises ToolchainError."""

    def make(scratch: Path) -> None:
        with tempfile.TemporaryDirectory(prefix=".download-", dir=scratch) as directory:
            try:
                _unpack(source.download(ZIG_VERSION, Path(directory)), scratch)
            except CrossbuildError as error:
                raise ToolchainError(
                    f"zig {ZIG_VERSION} (the ziglang package) could not be downloaded.",
                    why="\n".join(filter(None, (error.what, error.why))),
                    fix="Check the index settings, or give a GNU cross compiler with --toolchain or --cc.",
                ) from None

    use_zig(cache)
    with suppress(OSError):  # a cache that cannot be written to
        cache.open(_LIBRARIES)
    cache.entry(_COMPILER, ZIG_VERSION, make)
    return zig_program(cache)


def use_zig(cache: Cache) -> None:
    """Let nobody remove zig from ``cache`` as long as that object is there, whoever downloads it meanwhile."""
    cache.use(_COMPILER, ZIG_VERSION)
    cache.use(_LIBRARIES)


def _unpack(wheel: Path, directory: Path) -> None:
    """Unpack the program and the libraries that it compiles. Raises ToolchainError if ``wheel`` has other contents."""
    program = directory / "ziglang" / "zig"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory, [name for name in archive.namelist() if name.startswith("ziglang/")])
    if not program.is_file():
        raise ToolchainError(f"{wheel.name} has no program ziglang/zig.")
    program.chmod(0o755)
    # As sha256sum writes it.
    (directory / _NOTE).write_text(f"{sha256_of(wheel)}  {wheel.name}\n", encoding="utf-8")
