"""Which of the caller's variables a build sees: those in a table, and those that the user lists.

The table has the variables that build tools document, and those that programs need in order to run at all. A build is
other people's code: it gets no password or token by a pattern, only by its whole name.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Self

from crossbuild.redaction import holds_login, holds_secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES_VARIABLE = "CROSSBUILD_PASS_ENV"
"""The variable with the names and patterns of more variables, separated by blanks or commas."""
_SECRET = re.compile(
    r"(TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|COOKIE|CONNECTION_STRING|KEY)S?(_|\d|$)|SECRET"
    r"|(^|_)(AUTH|AUTHORIZATION|LOGIN|PASS|PAT|PIN|PWD|DSN)(_|\d|$)",
    re.IGNORECASE,
)
"""Matches the names of variables that hold secrets."""
_INDEX_OF_UV = re.compile(r"UV_(DEFAULT_INDEX|INDEX.*|EXTRA_INDEX_URL|FIND_LINKS|OFFLINE|INSECURE_HOST|PUBLISH_.*)")
_OF_UV = re.compile(r"UV_(NO_)?(CONFIG|CONFIG_FILE|SYSTEM_CONFIG|PROJECT|WORKING_DIR.*|BUILD_ISOLATION.*|ENV_FILE)")
"""Variables that would override crossbuild's settings for uv."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Variables that are passed for one reason."""

    names: tuple[str, ...]
    """Names, or patterns as of :mod:`fnmatch`."""
    meaning: str
    decides: bool = True
    """Whether the wheel may depend on them. If not, a cached wheel is used whatever their values are."""
    host: bool = True
    """Whether builds for the host see them, too, or only builds for this machine, as of build requirements."""
    surroundings: bool = False
    """Whether they are about this machine and its user, rather than wishes for a build."""

    def has(self, name: str) -> bool:
        """Return whether the variable ``name`` is one of them."""
        return any(_fits(name, pattern) for pattern in self.names)


TABLE = (
    Row(
        names=("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD"),
        meaning="Where programs and the libraries that they load are.",
        surroundings=True,
    ),
    Row(
        names=(
            *("HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TMP", "TEMP", "FAKEROOTKEY", "FAKED_MODE"),
            *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"),
        ),
        meaning="Who you are, and where temporary files, caches and settings are.",
        decides=False,
    ),
    Row(
        names=("LANG", "LANGUAGE", "LC_*", "LOCPATH", "LOCALE_ARCHIVE", "TZ", "TZDIR", "PYTHONHASHSEED"),
        meaning="The locale, the time zone and the seed of hashes, for what is built to run here. In builds for the "
        "host they are always `C.UTF-8`, `UTC` and `0`.",
        decides=False,
    ),
    Row(
        names=(
            *("TERM", "TERMINFO", "TERMINFO_DIRS", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"),
            *("CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS", "GCC_COLORS", "CMAKE_COLOR_DIAGNOSTICS", "CARGO_TERM_*"),
            *("NINJA_STATUS", "VERBOSE", "RUST_BACKTRACE", "RUST_LOG", "DISTUTILS_DEBUG"),
        ),
        meaning="The terminal, colours, and the verbosity of tools.",
        decides=False,
    ),
    Row(
        names=(
            *("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"),
            *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"),
            *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NIX_SSL_CERT_FILE"),
            *("GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "CARGO_HTTP_*", "CARGO_NET_*"),
        ),
        meaning="Proxies, and the authorities of certificates.",
        decides=False,
    ),
    Row(
        names=(
            *("MAKEFLAGS", "GNUMAKEFLAGS", "MFLAGS", "NINJAFLAGS", "SAMUFLAGS"),
            *("CARGO_BUILD_JOBS", "NPY_NUM_BUILD_JOBS", "MAX_JOBS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"),
        ),
        meaning="How many jobs run at once. A variable that `MAKEFLAGS` sets does count.",
        decides=False,
    ),
    Row(
        names=(
            *("CCACHE_*", "SCCACHE_*", "DISTCC_*", "ICECC_*", "ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"),
            *("CARGO_HOME", "RUSTUP_HOME", "GOCACHE", "GOMODCACHE", "GOPATH", "PYTHONDONTWRITEBYTECODE"),
        ),
        meaning="Where tools keep their caches.",
        decides=False,
    ),
    Row(names=("SOURCE_DATE_EPOCH",), meaning="The timestamp of files in the wheel."),
    Row(
        names=(
            *("CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "FFLAGS", "FCFLAGS", "F77FLAGS", "F90FLAGS", "ASFLAGS"),
            *("ARFLAGS", "OBJCFLAGS", "OBJCXXFLAGS", "DFLAGS", "RCFLAGS", "LIBS", "LDLIBS", "OPT", "BASECFLAGS"),
            *("CCSHARED", "LDSHARED", "LDCXXSHARED", "*_CFLAGS", "*_CPPFLAGS", "*_CXXFLAGS", "*_LDFLAGS", "*_LIBS"),
        ),
        meaning="Options of compilers and linkers, also for single libraries, as pkg-config's macro reads them.",
    ),
    Row(
        names=(
            *("CC", "CXX", "CPP", "AR", "AS", "LD", "NM", "RANLIB", "STRIP", "OBJCOPY", "OBJDUMP", "READELF", "OBJC"),
            *("OBJCXX", "SWIG", "SWIG_LIB", "CYTHON", "M4", "YACC", "BISON", "LEX", "FLEX", "PERL", "PERL5LIB", "MAKE"),
        ),
        meaning="Programs that builds call. Variables that crossbuild sets itself override yours, such as `CC`.",
    ),
    Row(
        names=("*_FOR_BUILD", "BUILD_CC", "BUILD_CXX", "BUILD_CPP", "BUILD_AR", "BUILD_LD", "BUILD_*FLAGS"),
        meaning="The same, for programs that a build compiles and runs here.",
    ),
    Row(
        names=(
            *("PKG_CONFIG_*", "ACLOCAL_PATH", "ACLOCAL", "AUTOCONF", "AUTOHEADER", "AUTOMAKE", "LIBTOOLIZE"),
            *("CONFIG_SITE", "CONFIG_SHELL", "*_cv_*"),
        ),
        meaning="pkg-config, autotools, and answers to configure scripts.",
    ),
    Row(names=("CMAKE_*", "MESON", "MESON_*", "MESONPY_*", "NINJA", "SKBUILD_*"), meaning="CMake, Meson and ninja."),
    Row(
        names=(
            *("CARGO", "CARGO_*", "RUSTC", "RUSTC_*", "RUSTFLAGS", "RUSTDOC*", "RUSTUP_*", "CC_*", "CXX_*", "AR_*"),
            *("CFLAGS_*", "CXXFLAGS_*", "ARFLAGS_*", "RANLIB_*", "HOST_CC", "HOST_CXX", "HOST_AR", "HOST_*FLAGS"),
            *("TARGET_CC", "TARGET_CXX", "TARGET_AR", "TARGET_*FLAGS", "CRATE_CC_NO_DEFAULTS", "CXXSTDLIB*"),
            *("BINDGEN_EXTRA_CLANG_ARGS*", "LIBCLANG_PATH", "CLANG_PATH", "LLVM_CONFIG_PATH"),
            *("PYO3_*", "UNSAFE_PYO3_*", "MATURIN_*"),
        ),
        meaning="cargo, rustc, PyO3, maturin, and crates that compile C.",
    ),
    Row(names=("GOFLAGS", "GOROOT", "GOPROXY", "GOTOOLCHAIN", "CGO_*"), meaning="Go."),
    Row(
        names=(
            *("SETUPTOOLS_*", "DISTUTILS_*", "DIST_EXTRA_CONFIG", "VCS_VERSIONING_*", "PBR_*", "HATCH_*"),
            *("PDM_BUILD_*", "POETRY_DYNAMIC_VERSIONING_*", "UV_DYNAMIC_VERSIONING_*", "FLIT_*", "NPY_*", "F2PY_*"),
            *("CYTHON_*", "CYTHONIZE*", "MYPYC_*", "PYBIND11_*", "NANOBIND_*", "CFFI_*"),
        ),
        meaning="Build backends, their sources of versions, and their code generators.",
    ),
    Row(
        names=(
            *("PYTHONUTF8", "PYTHONIOENCODING", "PYTHONWARNINGS", "PYTHONUNBUFFERED", "PYTHONFAULTHANDLER"),
            "PYTHONCOERCECLOCALE",
        ),
        meaning="Settings of Python that do not lead to another Python's files.",
    ),
    Row(
        names=(
            *("GIT_DIR", "GIT_WORK_TREE", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"),
            *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH", "HGPLAIN", "HGRCPATH"),
        ),
        meaning="Version control, which backends ask for the version.",
    ),
    Row(
        names=("NIX_CFLAGS_*", "NIX_LDFLAGS*", "NIX_CC*", "NIX_BINTOOLS*", "NIX_HARDENING_ENABLE", "NIX_STORE"),
        meaning="The compilers of Nix.",
    ),
    Row(names=("QEMU_*",), meaning="An emulator that runs programs of the host."),
    Row(
        names=("CROSSBUILD_HOST_SITE",),
        meaning="Where `cross-pip` installs in a [cross environment](../how-to/work-inside.md).",
    ),
    Row(
        names=(
            *("CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX"),
            *("LD_RUN_PATH", "PKG_CONFIG_PATH", "CMAKE_PREFIX_PATH", "CMAKE_TOOLCHAIN_FILE", "ARCHFLAGS"),
            *("CARGO_ENCODED_RUSTFLAGS", "FC", "F77", "F90", "F95"),
        ),
        meaning="This machine's headers, libraries and compilers: only for build requirements that are built here.",
        host=False,
    ),
)
"""If two rows match a variable, a row with its whole name applies, else the first one."""

_MISLEADING = (
    *("PYTHONHOME", "PYTHONPATH", "PYTHONPLATLIBDIR", "PYTHONEXECUTABLE", "PYTHONUSERBASE", "VIRTUAL_ENV"),
    *("PYO3_PYTHON", "PYO3_CONFIG_FILE", "PYO3_CROSS_PYTHON_VERSION", "CMAKE_BUILD_PARALLEL_LEVEL"),
)
"""Variables that make a tool look at another Python's files, and one that keeps CMake from asking a jobserver."""
NOT_FOR_BUILDS = frozenset((*_MISLEADING, *(name for row in TABLE if not row.host for name in row.names)))
"""Variables that no build for the host sees, even if the user lists them."""
_BUILD_FILES = ("*.py", "*.toml", "*.cfg", "*.sh")
"""Files in the top directory of a project that may belong to its build."""
_BUILD_FILES_ANYWHERE = re.compile(
    r"setup\.py|meson\.build|meson(_options\.txt|\.options)|CMakeLists\.txt|.*\.cmake|build\.rs|.*\.mk"
    r"|(GNUm|M|m)akefile(\.\w+)?|configure(\.\w+)?"
)
_OF_SHELLS = frozenset(("_", "PWD", "OLDPWD", "SHLVL"))
_OF_INSTALLERS = ("PIP_", "UV_", "CROSSBUILD_", "_PYTHON_")
"""Prefixes of variables that are not for builds."""


@dataclass(frozen=True, kw_only=True)
class Passed:
    """An environment, as builds see it."""

    host: Mapping[str, str] = field(repr=False)
    """The variables for hooks that build for the host."""
    native: Mapping[str, str] = field(repr=False)
    """The variables for builds whose products run here."""
    withheld: tuple[str, ...]
    """The names of all others, sorted."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], patterns: Sequence[str] = ()) -> Self:
        """Choose from ``environ`` what the table passes, and what the user's ``patterns`` do."""
        wanted = (*patterns, *environ.get(NAMES_VARIABLE, "").replace(",", " ").split())
        native = {name: value for name, value in environ.items() if _is_passed(name, value, wanted)}
        # What builds for this machine may use its headers. Builds for the host would find them before the host's.
        host = {name: value for name, value in native.items() if name not in NOT_FOR_BUILDS}
        return cls(host=host, native=native, withheld=tuple(sorted(environ.keys() - host.keys() - _OF_SHELLS)))

    @property
    def decisive(self) -> list[tuple[str, str]]:
        """What the wheel may depend on."""
        return sorted((name, value) for name, value in self.native.items() if _decides(name, value))

    @property
    def wishes(self) -> dict[str, str]:
        """What of :attr:`decisive` holds on other machines, too."""
        return {name: value for name, value in self.decisive if not _rows(name) or not _rows(name)[0].surroundings}

    @property
    def named(self) -> dict[str, str]:
        """The variables for hooks that the table does not pass, and the user does."""
        return {name: value for name, value in self.host.items() if not any(row.has(name) for row in TABLE)}

    def hint(self, output: str, project: Path | None = None) -> str:
        """Return a hint if a hook of ``project`` probably failed because a variable was withheld.

        Its ``output`` or the build's files mention such a variable.
        """
        could_have = [name for name in self.withheld if not _is_never_passed(name)]
        missed = [name for name in could_have if _is_read(name, output)]
        # Walking a project takes a while. It is done only after a failure, and only if the output says nothing.
        if not missed and project and could_have:
            missed = _mentioned(could_have, project)
        if not missed:
            return ""
        are = "is set but not passed to builds" if len(missed) == 1 else "are set but not passed to builds"
        return f"{', '.join(missed)} {are}; to pass: {NAMES_VARIABLE}={','.join(missed)}"


def for_uv(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for uv alone: its settings, except those for indexes, and the file with passwords."""
    own = {name: value for name, value in environ.items() if name.startswith("UV_") or name == "NETRC"}
    # uv is told which indexes to use. A variable of its own would make it look elsewhere than crossbuild did.
    refused = (_INDEX_OF_UV, _OF_UV)
    return {
        name: value
        for name, value in own.items()
        if not _SECRET.search(name) and not holds_login(value) and not any(one.fullmatch(name) for one in refused)
    }


def _is_passed(name: str, value: str, wanted: Sequence[str]) -> bool:
    # CROSSBUILD_HOST_SITE begins like what only installers read, but builds in a cross environment need it.
    by_table = any(row.has(name) for row in TABLE)
    if name in _MISLEADING or (name.startswith(_OF_INSTALLERS) and not by_table):
        return False
    by_pattern = by_table or any(_fits(name, pattern) for pattern in wanted)
    # A whole name in the user's list is consent. A pattern, ours or the user's, also matches what nobody had in mind.
    return name in wanted or (by_pattern and not holds_secret(value))


def _is_never_passed(name: str) -> bool:
    return name in NOT_FOR_BUILDS or name.startswith(_OF_INSTALLERS)


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or (fnmatchcase(name, pattern) and not _SECRET.search(name))


def _decides(name: str, value: str) -> bool:
    # ``make CFLAGS=-O3`` puts the assignment into MAKEFLAGS, where it changes what is compiled.
    if name.endswith("MAKEFLAGS") and re.search(r"(^|\s)[A-Za-z_]\w*[:+?]?=", value):
        return True
    rows = _rows(name)
    return rows[0].decides if rows else True


def _rows(name: str) -> list[Row]:
    """Return the rows that have the variable ``name``, first the one that applies."""
    # A name may match several patterns, as CC_FOR_BUILD does. A row that spells it out was meant for it.
    return [row for row in TABLE if name in row.names] or [row for row in TABLE if row.has(name)]


def _is_read(name: str, text: str) -> bool:
    """Return whether ``text`` reads the variable ``name``, or reports that it is missing."""
    if re.search(rf"(KeyError: |environ\W{{1,2}}|getenv\W{{1,2}}|get\(|ENV\W)['\"]?{re.escape(name)}\b", text):
        return True
    # A short word may well be there for another reason.
    return "_" in name.strip("_") and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def _mentioned(names: Sequence[str], project: Path) -> list[str]:
    """Return the ``names`` that a project's build files read."""
    files = {file for pattern in _BUILD_FILES for file in project.glob(pattern)}
    files |= {Path(parent, name) for parent, _, found in os.walk(project) for name in filter(_is_of_build, found)}
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file()]
    return [name for name in names if any(_is_read(name, text) for text in texts)]


def _is_of_build(filename: str) -> bool:
    return _BUILD_FILES_ANYWHERE.fullmatch(filename) is not None
