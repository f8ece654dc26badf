"""The compilers as real files on the cross PATH, under every name that a build may call them by.

Many packages cannot take a ``CC`` of two words, and build tools without a cross file take ``cc`` and ``c++`` from
PATH: so there are files under the GNU names of the host and under the bare ones. What they do is in compiler.sh.
"""

from __future__ import annotations

import itertools
import shlex
import sysconfig
import tempfile
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Self

from crossbuild.errors import ToolchainError
from crossbuild.system.cache import digest
from crossbuild.system.filesystem import write_script
from crossbuild.system.programs import run_program
from crossbuild.toolchain.binutils import BINUTILS
from crossbuild.toolchain.proof import prove
from crossbuild.toolchain.zig import oldest_zig_target
from crossbuild.toolchain.zig_libraries import cxx_library_name, told_if_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from crossbuild.system.cache import Cache
    from crossbuild.toolchain.model import Toolchain

# zig's linker refuses the first two; they only tune symbol binding and visibility. For the third zig compiles its C and
# C++ libraries once more, which takes minutes and gives nothing to them.
_IGNORED_BY_ZIG = ("-Wl,-Bsymbolic-functions", "-Wl,--exclude-libs", "-flto")

_SUPPLIED_BY_ZIG = {
    "glibc": ("c", "m", "pthread", "dl", "rt", "util", "resolv"),
    "musl": ("c", "m", "pthread", "dl", "rt", "util", "resolv", "crypt", "xnet"),
}
"""The libraries of each libc that zig makes itself: a sysroot's would raise the floor, or not fit zig's headers."""
_REPLACED_BY_ZIG = ("gcc_s", "gcc", "gcc_eh", "stdc++", "supc++", "atomic", "ssp")
"""Libraries of GCC that zig has others for, under these names."""

_COMPILERS = ("cc", "cxx", "fc")
"""The tools that take directories and libraries of a sysroot."""
_SCRIPTS = {"cpp": "cpp.sh", "c89": "c89.sh", "c99": "c99.sh"}
_SCRIPTS_FOR_ZIG = {"as": "as.sh", "strip": "strip.sh"}
"""The tools that are scripts, most of which put their arguments as the C compiler takes them."""
_MORE_NAMES_OF_ZIG: dict[str, tuple[str, ...]] = {
    "cc": ("clang",),
    "cxx": ("clang++",),
    "ar": ("llvm-ar",),
    "ranlib": ("llvm-ranlib",),
    "ld": ("ld.lld",),
}
"""What else programs are called that are LLVM's."""

_CXX_LIBRARIES = "-lcrossbuild-c++abi -lcrossbuild-c++ -lcrossbuild-unwind"
"""What cxx_library.sh makes, in the order in which zig links its own."""

_START = """\
here=${0%/*}
[ ! -L "$0" ] || { here=$(readlink -f -- "$0") ; here=${here%/*} ; }
"""
"""The first lines of every file: builds may call one by a link to it."""
_IN_VARIABLES = ("nm", "objcopy", "objdump", "readelf")
"""The binary tools whose upper-case names are variables that mean the same to all."""
OVERRIDDEN = ("AS", "CPP", "LD", "NM", "OBJCOPY", "OBJDUMP", "READELF")
"""Variables that are set if the user's environment has them, since it means tools for the build machine.

Not otherwise: to some builds ``AS``, ``CPP`` and ``LD`` mean nasm, or the compiler with an option.
"""
FROM_ROOT = "/.." * 32
"""pkg-config puts PKG_CONFIG_SYSROOT_DIR before every directory of a ``.pc`` file. For one of this machine, this leads
back to ``/``, the parent of itself. The compilers take it out of paths again."""
BUILD_VARIABLE = "CROSSBUILD_DIRECTORY"
"""The environment variable that names the directory of the build."""
PREFIX_VARIABLE = "CROSSBUILD_PREFIX"
"""The environment variable that names the prefix of the cross Python, whose headers builds read."""
TREE_VARIABLE = "CROSSBUILD_TREE"
"""The environment variable that names the tree in it that is built: the project, or the repository that it is in."""
_LINKER_SCRIPT = "runtime.ld"
"""The one file beside the compilers that is not a program: compiler.sh gives it to zig's linker."""
_HEADERS = "headers"
"""The file beside the compilers that lists where they search for headers."""
SITE_VARIABLE = "CROSSBUILD_HOST_SITE"
"""The environment variable that names a prefix with more headers and libraries of the host."""


@dataclass(frozen=True, kw_only=True)
class Compilers:
    """A directory of executables that compile for the host, proven to do so."""

    directory: Path
    cc: Path
    cxx: Path
    ar: Path
    ranlib: Path
    strip: Path
    binutils: Mapping[str, Path] = field(default_factory=dict)
    """The other binary tools that there are, by their GNU names."""
    fc: Path | None = None
    headers: tuple[str, ...] = ()
    """The directories that the C compiler searches for headers in by itself, in its order."""

    @property
    def by_name(self) -> Self:
        """The same, called by their names alone, for who has ``directory`` on ``PATH``.

        What a project records of its compilers then says nothing of this machine.
        """
        return replace(
            self,
            cc=Path(self.cc.name),
            cxx=Path(self.cxx.name),
            ar=Path(self.ar.name),
            ranlib=Path(self.ranlib.name),
            strip=Path(self.strip.name),
            binutils={name: Path(path.name) for name, path in self.binutils.items()},
            fc=Path(self.fc.name) if self.fc else None,
        )

    def variables(self) -> dict[str, str]:
        """Return the variables that make, configure scripts and other build tools read the programs from."""
        programs = {"CC": self.cc, "CXX": self.cxx, "AR": self.ar, "RANLIB": self.ranlib, "STRIP": self.strip}
        programs |= {name.upper(): self.binutils[name] for name in _IN_VARIABLES if name in self.binutils}
        if self.fc:
            programs |= {"FC": self.fc, "F77": self.fc, "F90": self.fc}
        return {name: str(path) for name, path in programs.items()}

    def predefined_macros(self) -> dict[str, str]:
        """Return the C compiler's predefined macros and their values."""
        command = [str(self.directory / self.cc.name), "-dM", "-E", "-x", "c", "/dev/null"]
        # Outside a build there is no directory for what zig caches, and it would stay in the one that builds share.
        with tempfile.TemporaryDirectory(prefix="crossbuild-") as scratch:
            command = ["/usr/bin/env", f"CROSSBUILD_SCRATCH={scratch}", *command]
            answer = run_program(command)
        if answer.returncode:
            raise ToolchainError(f"{self.cc.name} does not list its macros (-dM -E).", why=answer.stderr.strip())
        definitions = (line.split(" ", 2) for line in answer.stdout.splitlines() if line.startswith("#define "))
        return {name: value for _, name, *rest in definitions for value in [rest[0] if rest else ""]}


def prepare_compilers(toolchain: Toolchain, cache: Cache, tell: Callable[[str], None] = lambda _: None) -> Compilers:
    """Write the files of ``toolchain`` into the cache and prove them, unless that was done before.

    ``tell`` takes why that is slow. Raises ToolchainError if they do not compile and link C, C++ and Fortran, where
    there is a compiler for that, for the toolchain's platform.
    """
    start = f"foreign={shlex.quote(' '.join(_build_machine_directories()))}\n"
    texts = dict(compiler_files(toolchain, caches=cache.root, start=start, mapped=_mapped(toolchain, cache.root)))
    key = digest(_identity(toolchain), texts)
    directory = cache.path("compilers", key)

    def make(scratch: Path) -> None:
        write_compiler_files(scratch, texts)
        compilers = _compilers(toolchain, scratch)
        # The files are proven, not the program behind them: so what compiler.sh does to its arguments is proven, too.
        with told_if_first(toolchain, cache, tell):
            prove(toolchain, cc=compilers.cc, cxx=compilers.cxx, fc=compilers.fc)
        (scratch / _HEADERS).write_text("\n".join(_searched_headers(compilers.cc)), encoding="utf-8")

    cache.entry("compilers", key, make)
    return _compilers(toolchain, directory)


def _identity(toolchain: Toolchain) -> list[object]:
    # An upgrade of the distribution puts another compiler into the same place.
    program = Path(toolchain.cc[0]).stat()
    return [str(toolchain), program.st_size, program.st_mtime_ns]


def _searched_headers(cc: Path) -> list[str]:
    """Return the directories that a C compiler names in the list that ``-v`` makes it print."""
    said = run_program([str(cc), "-E", "-v", "-x", "c", "/dev/null"]).stderr
    _, _, listed = said.partition("\n#include <...> search starts here:\n")
    return [str(Path(line.strip()).resolve()) for line in listed.partition("End of search list")[0].splitlines()]


def _mapped(toolchain: Toolchain, caches: Path) -> str:
    """Return the options that keep this machine's directories out of debug information and ``__FILE__``, for a shell.

    So the same sources give the same bytes, wherever they are compiled; tools choose directories at random, too. Of
    several that fit, the last holds. GCC before 8 has the option for debug information only.
    """
    option = "-ffile-prefix-map"
    question = [*toolchain.cc, f"{option}=/a=/b", "-nostdinc", "-E", "-x", "c", "/dev/null"]
    if toolchain.kind != "zig" and run_program(question).returncode:
        option = "-fdebug-prefix-map"
    names = {caches: "/crossbuild/cache"} | ({toolchain.sysroot: ""} if toolchain.sysroot else {})
    # Also what a link to it leads to: compilers look for what they were installed with from their own true place.
    known = {place: name for path, name in names.items() for place in (path.resolve(), path)}
    fixed = shlex.join(f"{option}={place}={name}" for place, name in known.items())
    # The cache has several cross Pythons, and names them by digests of what is on this machine.
    python = f'${{{PREFIX_VARIABLE}:+"{option}=${PREFIX_VARIABLE}=/crossbuild/python"}}'
    build, here = f'"{option}=${BUILD_VARIABLE}=/crossbuild"', f'"{option}=$PWD=/crossbuild/build"'
    # Not the directory's name, which is another in everybody's clone.
    tree = f'"{option}=${TREE_VARIABLE}=/crossbuild/source"'
    return f"${{{BUILD_VARIABLE}:+{fixed} {python} {build} ${{{TREE_VARIABLE}:+{tree}}} {here}}}"


def _compilers(toolchain: Toolchain, directory: Path) -> Compilers:
    prefix, headers = f"{directory}/{toolchain.platform.gnu_type}-", directory / _HEADERS
    return Compilers(
        directory=directory,
        cc=Path(prefix + "gcc"),
        cxx=Path(prefix + "g++"),
        ar=Path(prefix + "ar"),
        ranlib=Path(prefix + "ranlib"),
        strip=Path(prefix + "strip"),
        binutils={
            name: Path(prefix + name) for name in BINUTILS if name in {**toolchain.binutils, **_scripts(toolchain)}
        },
        fc=Path(prefix + "gfortran") if toolchain.fc else None,
        headers=tuple(headers.read_text(encoding="utf-8").splitlines()) if headers.is_file() else (),
    )


def compiler_files(toolchain: Toolchain, *, caches: Path, start: str, mapped: str) -> Iterator[tuple[str, str]]:
    """Yield the name of every file, and what is in it.

    ``start`` is what they do first: it sets ``foreign``, which is empty for compilers of the build machine. ``mapped``
    are further options, for a shell.
    """
    body = _text("caller.sh") + _text("cxx_library.sh") + _text("compiler.sh")
    for tool, names, command in _tools(toolchain):
        text = (
            f"{_START}{start}"
            + _header(toolchain, tool, command, caches)
            + _run(toolchain, tool, command, mapped)
            + body
        )
        for name in names:
            yield name, text
            yield f"{toolchain.platform.gnu_type}-{name}", text
    for name, file in _scripts(toolchain).items():
        yield name, f"{_START}{_text(file)}"
        yield f"{toolchain.platform.gnu_type}-{name}", f"{_START}{_text(file)}"
    if toolchain.kind == "zig":
        yield _LINKER_SCRIPT, _text(_LINKER_SCRIPT)


def write_compiler_files(directory: Path, texts: Mapping[str, str]) -> None:
    """Write ``texts``, those of :func:`compiler_files`, into ``directory``."""
    for name, text in texts.items():
        if name == _LINKER_SCRIPT:
            (directory / name).write_text(text, encoding="utf-8")
        else:
            write_script(directory / name, text)


def _text(name: str) -> str:
    return files("crossbuild.toolchain").joinpath(name).read_text(encoding="utf-8")


def _scripts(toolchain: Toolchain) -> dict[str, str]:
    return _SCRIPTS | (_SCRIPTS_FOR_ZIG if toolchain.kind == "zig" else {})


def _tools(toolchain: Toolchain) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    more = _MORE_NAMES_OF_ZIG if toolchain.kind == "zig" else {}
    tools: dict[str, tuple[tuple[str, ...], tuple[str, ...] | None]] = {
        "cc": (("gcc", "cc"), toolchain.cc),
        "cxx": (("g++", "c++"), toolchain.cxx),
        "ar": (("ar", "gcc-ar"), toolchain.ar),
        "ranlib": (("ranlib", "gcc-ranlib"), toolchain.ranlib),
        "strip": (("strip",), toolchain.strip),
        "fc": (("gfortran", "f77", "f90", "f95"), toolchain.fc),
        **{name: ((name,), command) for name, command in toolchain.binutils.items()},
    }
    for tool, (names, command) in tools.items():
        if command and tool not in _scripts(toolchain):
            yield tool, (*names, *more.get(tool, ()), *(["gcc-nm"] if tool == "nm" else [])), command


def _header(toolchain: Toolchain, tool: str, command: tuple[str, ...], caches: Path) -> str:
    zig = toolchain.kind == "zig"
    # zig keeps what it compiled of libc in its global cache, which all builds share; what a build compiles would
    # pile up there too, so it goes with the build.
    zig_caches = (
        f"export ZIG_GLOBAL_CACHE_DIR={shlex.quote(str(caches / 'zig'))}\n"
        # In a cache that cannot be written to, nothing could be compiled.
        '[ -w "$ZIG_GLOBAL_CACHE_DIR" ] || [ ! -d "$ZIG_GLOBAL_CACHE_DIR" ] ||\n'
        "    ZIG_GLOBAL_CACHE_DIR=${CROSSBUILD_SCRATCH:-$ZIG_GLOBAL_CACHE_DIR}\n"
        'export ZIG_LOCAL_CACHE_DIR="${CROSSBUILD_SCRATCH:-$ZIG_GLOBAL_CACHE_DIR}"\n'
    )
    return (
        f"tool={tool}\n"
        f"back={FROM_ROOT}\n"
        f"ignored={shlex.quote(' '.join([*_IGNORED_BY_ZIG, *_own_targets(toolchain)] if zig else ()))}\n"
        f"answer() {{ {_answers(toolchain, command) if zig else 'return 1'}; }}\n"
        f"baseline={_baseline(toolchain, command) if zig and tool in _COMPILERS else ''}\n"
        f"debugs={'yes' if zig and tool in _COMPILERS else ''}\n"
        f"library={cxx_library_name(toolchain.platform) if zig and tool in _COMPILERS else ''}\n"
        f"oldest={oldest_zig_target(toolchain.platform) if zig and tool in _COMPILERS else ''}\n"
        f"{zig_caches if zig else ''}"
    )


def _baseline(toolchain: Toolchain, command: tuple[str, ...]) -> str:
    """Return the CPU that zig compiles for if told none, in its words."""
    own = "generic+v8a" if toolchain.platform.architecture.name == "aarch64" else "generic"
    return next((word.removeprefix("-mcpu=") for word in command if word.startswith("-mcpu=")), own)


def _own_targets(toolchain: Toolchain) -> Iterator[str]:
    """Yield what builds tell a clang that compiles for this very machine: zig has other words for it, and these not."""
    architecture, environment = toolchain.platform.architecture, toolchain.platform.environment
    cpus = {architecture.gnu_cpu, architecture.multiarch_cpu, architecture.rust_cpu}
    for cpu, vendor in itertools.product(sorted(cpus), ("", "unknown-", "pc-")):
        yield f"--target={cpu}-{vendor}linux-{environment}"


def _answers(toolchain: Toolchain, command: tuple[str, ...]) -> str:
    """Return a shell command that answers the questions of gcc(1) that zig does not, and fails for any other."""
    answers = {"-dumpmachine": toolchain.platform.gnu_type, "-print-multiarch": toolchain.platform.multiarch}
    if toolchain.sysroot:
        answers["-print-search-dirs"] = "libraries: =" + ":".join(_searched_libraries(command))
    cases = "".join(f"{question} | -{question}) echo {shlex.quote(answer)} ;; " for question, answer in answers.items())
    # clang knows only where this machine's are.
    cases += '*-print-prog-name=*) name=${1#*=} ; [ ! -e "$here/$name" ] || name=$here/$name ; echo "$name" ;; '
    return f"case $1 in {cases}*) return 1 ;; esac"


def _searched_libraries(command: tuple[str, ...]) -> list[str]:
    return [word.removeprefix("-L") for word in command if word.startswith("-L")]


def _run(toolchain: Toolchain, tool: str, command: tuple[str, ...], mapped: str) -> str:
    """Return what compiler.sh has to know of the sysroot, and the function that runs ``command``."""
    sysroot = toolchain.sysroot if tool in _COMPILERS else None
    supplied: tuple[str, ...] = ()
    if sysroot and toolchain.kind == "zig":
        supplied = (*_SUPPLIED_BY_ZIG[toolchain.platform.libc], *_REPLACED_BY_ZIG)
    # A compiler that knows a sysroot itself searches it after all that a build names: so do those that are told.
    libraries = _searched_libraries(command) if supplied else []
    last = [f"-L{directory}" for directory in libraries]
    first = [word for word in command if word not in last]
    headers = [path for option, path in itertools.pairwise(command) if supplied and option == "-idirafter"]
    linkable = ' ${CROSSBUILD_LIBRARIES:+"-L$CROSSBUILD_LIBRARIES"} ' if supplied else " "
    words = shlex.join(first)
    if tool in _COMPILERS:
        words = f'{words} {mapped} $plain ${{script:+-Xlinker -T -Xlinker "$script"}} ${{shared:+-nostdlib++}}'
        linkable = f' ${{headers:+"@$shared/headers"}}{linkable}${{shared:+"-L$shared" {_CXX_LIBRARIES}}} '
        linkable += f'${{{SITE_VARIABLE}:+-isystem "${SITE_VARIABLE}/include" "-L${SITE_VARIABLE}/lib"}} '
    return (
        f"sysroot={shlex.quote(str(sysroot or ''))}\n"
        f"searched={shlex.quote(' '.join([*headers, *libraries]))}\n"
        f"supplied={shlex.quote(' '.join(supplied))}\n"
        f'run() {{ {words} "$@"{linkable}{shlex.join(last)}; }}\n'
    )


def _build_machine_directories() -> list[str]:
    """Return where this machine keeps headers and libraries, by the FHS and Debian's multiarch."""
    places = [f"/usr/{kind}" for kind in ("include", "lib", "lib64", "local/include", "local/lib")] + ["/lib", "/lib64"]
    multiarch = sysconfig.get_config_var("MULTIARCH")
    return places + ([f"{place}/{multiarch}" for place in places] if multiarch else [])
