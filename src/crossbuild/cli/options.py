"""The options of the commands, by what they are about."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli import values
from crossbuild.cli.manual import Option

if TYPE_CHECKING:
    from collections.abc import Callable

    _Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_DIRECTORY = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def with_options(*options: _Decorator) -> _Decorator:
    """Return what gives a command ``options``, in that order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        return functools.reduce(lambda decorated, option: option(decorated), reversed(options), command)

    return decorate


def _under(heading: str) -> Callable[..., _Decorator]:
    return functools.partial(click.option, cls=Option, heading=heading)


_host, _wanted, _inside, _libraries, _compilers, _backend, _sources, _output = map(
    _under,
    (
        *("Host", "What is wanted", "What is in it", "Host libraries", "Toolchain"),
        *("Build backend", "Where distributions come from", "Output"),
    ),
)
SYSROOT_SOURCES = (
    _libraries(
        "--mirror",
        "mirrors",
        metavar="URL",
        multiple=True,
        envvar="CROSSBUILD_MIRROR",
        show_envvar=True,
        help="Archive of the distribution's packages. Repeat it to add mirrors for files that the first is missing. "
        "Default: the sources of this machine's apt.",
    ),
    _libraries(
        "--keyring",
        metavar="FILE",
        type=_FILE,
        callback=values.regular_file,
        envvar="CROSSBUILD_KEYRING",
        show_envvar=True,
        help="The keys that the archive is signed with. Default: the distribution's, and those that apt trusts.",
    ),
    _libraries(
        "--snapshot",
        metavar="TIME",
        default="",
        help="Take the packages as they were at a time, such as 20260101T000000Z, from the distribution's snapshot "
        "archive.",
    ),
)
"""The options for the source of a sysroot's packages."""
CACHE_DIR = _sources(
    "--cache-dir",
    metavar="DIR",
    type=_DIRECTORY,
    envvar="CROSSBUILD_CACHE_DIR",
    show_envvar=True,
    help="Where to keep what is downloaded and made once. Default: crossbuild in the user's cache directory.",
)
VERBOSITY = (
    _output("-v", "--verbose", count=True, help="Show each command and its output; -vv: also tracebacks and logs."),
    _output("-q", "--quiet", is_flag=True, help="Show errors only."),
)
HOST = (
    _host(
        "--host",
        metavar="HOST",
        required=True,
        envvar="CROSSBUILD_HOST",
        show_envvar=True,
        help="What the wheel is to run on: a host Python's executable or prefix, a platform tag, a distribution's "
        "release, or a name that the configuration gives to one of these.",
    ),
)
HOST_OPTIONS = (
    _host(
        "--python",
        metavar="X.Y",
        callback=values.python_version,
        help="The host's Python: of several in a prefix, or if HOST is a platform tag, for which the default is the "
        "version that runs crossbuild. 3.13t is a free-threaded one, 3.13d a debug one.",
    ),
    _host(
        "--sysconfigdata",
        "--sysconfigdata-file",
        metavar="FILE",
        type=_FILE,
        callback=values.absolute,
        help="The host Python's build variables, where it has several such files, or none: _sysconfigdata*.py.",
    ),
    _host(
        "--headers",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        callback=values.absolute,
        help="The directory with the host's Python.h and pyconfig.h, where they are not beside its Python.",
    ),
    _host("--machine", metavar="NAME", help="What uname -m says on the host, where its files leave that open: armv6l."),
    _host(
        "--platform-tag",
        "--manylinux",
        "platform_tags",
        metavar="TAG",
        multiple=True,
        help="A platform tag whose wheels the host takes, such as manylinux_2_28, instead of those that follow from "
        "its C library. May be given more than once, and has to be for all that it takes.",
    ),
    _host(
        "--config-var",
        "config_vars",
        metavar="NAME=VALUE",
        multiple=True,
        callback=values.config_vars,
        help="Let a build variable of the host's Python, which sysconfig tells, have this value: CFLAGS, CC, ...",
    ),
    _host(
        "--build-python",
        metavar="PATH",
        type=_FILE,
        help="The Python of this machine to build with; it must have the host's X.Y. Default: the first found.",
    ),
    _host("--provision", is_flag=True, help="Let uv download a Python to build with, where this machine has none."),
    _libraries(
        "--sysroot",
        metavar="DIR|NAME",
        callback=values.sysroot,
        help="Where the host's headers and libraries are: a directory, or a distribution's release, such as "
        "debian:bookworm:arm64.",
    ),
    _libraries(
        "--sysroot-package",
        "sysroot_packages",
        metavar="PACKAGE",
        multiple=True,
        help="Add a package of the distribution (libxml2-dev) for this build.",
    ),
    *SYSROOT_SOURCES,
    _compilers(
        "--toolchain",
        metavar="auto|zig|gnu|PREFIX",
        help="What compiles. auto, which is the default: for a manylinux or musllinux tag zig, which is fetched on "
        "first use; else the compiler that the host records, a GNU cross compiler on PATH, or zig, whichever is there "
        "first. PREFIX is what stands before gcc: /opt/x/bin/aarch64-linux-gnu-.",
    ),
    _compilers(
        "--relative-toolchain",
        "relative",
        is_flag=True,
        help="Look on PATH for the compiler that the host records, wherever it was when its Python was built.",
    ),
    _compilers("--cc", metavar="COMMAND", help="The C compiler, with arguments that it always needs."),
    _compilers("--cxx", metavar="COMMAND", help="The C++ compiler."),
    _compilers("--ar", metavar="COMMAND", help="The archiver."),
    _compilers("--fc", metavar="COMMAND", help="The Fortran compiler."),
)
_AUTO_SYSROOT = _libraries(
    "--auto-sysroot",
    is_flag=True,
    help="If libraries are missing, add the packages that provide them and build again.",
)
_PREPARATION = (
    _backend(
        "--env",
        "environment_changes",
        metavar="CHANGE",
        multiple=True,
        callback=values.environment_changes,
        help="Change the environment of the build, after all that crossbuild sets: NAME=VALUE; NAME?=VALUE unless it "
        "is set; NAME+=VALUE appends; NAME:=VALUE appends after a colon, as to PATH.",
    ),
    _backend(
        "-C",
        "--config-setting",
        "config_settings",
        metavar="KEY=VALUE",
        multiple=True,
        callback=values.settings,
        help="Pass a setting to the build backend. A KEY given more than once gets a list.",
    ),
    _backend(
        "--build-constraint",
        "build_constraints",
        metavar="FILE",
        multiple=True,
        type=_FILE,
        callback=values.regular,
        help="Constrain the versions of build requirements.",
    ),
    _backend("-j", "--jobs", metavar="N", type=click.IntRange(min=1), help="How many compilers may run at once."),
)
_BACKEND_OPTIONS = (
    *_PREPARATION,
    _backend(
        "--host-requires",
        metavar="REQUIREMENT",
        multiple=True,
        callback=values.requirements,
        help="Install a further build requirement, with the host's headers and static libraries.",
    ),
    _backend("--keep", is_flag=True, help="Keep the build directory, also after success."),
    _backend(
        "--allow-missing-extensions",
        is_flag=True,
        help="Deliver a wheel although an optional extension of it failed to compile.",
    ),
)
SOURCE_OPTIONS = (
    _sources("-i", "--index-url", metavar="URL", callback=values.place, help="The index to use instead of PyPI."),
    _sources(
        "--extra-index-url",
        "extra_index_urls",
        metavar="URL",
        multiple=True,
        callback=values.places,
        help="An index to ask before that one.",
    ),
    _sources(
        "-f",
        "--find-links",
        metavar="PLACE",
        multiple=True,
        callback=values.places,
        help="A directory, or the URL of a page, to look at too.",
    ),
    _sources("--no-index", is_flag=True, help="Ask no index, only what --find-links names."),
    _sources("--offline", is_flag=True, help="Never use the network, only what the caches hold."),
    CACHE_DIR,
)
OUTPUT_FILE = _output(
    "-o",
    "--output",
    "into",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=values.writable,
    help="Where to write it. Default: standard output.",
)
REQUIREMENT_OPTIONS = (
    _wanted(
        "-r",
        "--requirement",
        "files",
        metavar="FILE",
        multiple=True,
        type=_FILE,
        help="Take what a requirements file lists, or a lock file: pylock.toml. May be given more than once.",
    ),
    _wanted(
        "-c",
        "--constraint",
        "constraints",
        metavar="FILE",
        multiple=True,
        type=_FILE,
        help="Constrain the versions of whatever is chosen.",
    ),
    _wanted(
        "--group",
        "groups",
        metavar="[PATH:]NAME",
        multiple=True,
        help="Take a dependency group of a pyproject.toml, by default that of the current directory.",
    ),
    _wanted("--no-deps", is_flag=True, help="Only what is named, not what that requires."),
    _wanted(
        "--no-binary",
        metavar="NAME,...|:all:",
        multiple=True,
        callback=values.format_control,
        help="Build these, though there are wheels.",
    ),
    _wanted(
        "--only-binary",
        metavar="NAME,...|:all:",
        multiple=True,
        callback=values.format_control,
        help="Never build these, not even if they are named.",
    ),
    _wanted("--prefer-binary", is_flag=True, help="Take older versions with wheels before newer ones without."),
    _wanted("--pre", is_flag=True, help="Take pre-releases, too."),
    _wanted(
        "--require-hashes",
        is_flag=True,
        help="Take nothing without a hash from a requirements file. One --hash in a file means this, too.",
    ),
    _wanted(
        "--no-check",
        metavar="NAME",
        multiple=True,
        callback=values.project_names,
        help="Use the wheel of NAME even if the check refuses it, and say so in all reports. Repeat for more names.",
    ),
    _wanted("--fail-fast", is_flag=True, help="Stop at the first package that fails."),
    _wanted(
        "--lock",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=values.writable,
        help="Write what was chosen as a lock file (PEP 751); by its name, pylock.toml, -r takes it.",
    ),
)
"""The options for what is wanted, and what may be taken."""
JSON = _output("--json", "as_json", is_flag=True, help="Print one JSON document, on failure too.")
WHEEL_DIR = _output(
    "-w",
    "--wheel-dir",
    metavar="DIR",
    type=_DIRECTORY,
    default=Path(),
    callback=values.fillable,
    help="Where to put the wheels. Default: the current directory.",
)
BUILD_OPTIONS = (
    *HOST,
    *HOST_OPTIONS,
    _AUTO_SYSROOT,
    *_BACKEND_OPTIONS,
    *SOURCE_OPTIONS,
    _sources("--no-deps", is_flag=True, help="Build no dependencies. They are not built in any case."),
    WHEEL_DIR,
    *VERBOSITY,
    JSON,
)
SET_OPTIONS = (
    *HOST,
    *REQUIREMENT_OPTIONS,
    *HOST_OPTIONS,
    _AUTO_SYSROOT,
    *_BACKEND_OPTIONS,
    *SOURCE_OPTIONS,
)
"""The options of commands that take a whole set of packages, but for where to put it."""
STATIC_INDEX = _output(
    "--index",
    "index_dir",
    metavar="DIR",
    type=_DIRECTORY,
    callback=values.fillable,
    help="Lay the wheels out as a package index, too: any web server, or a file: URL, gives it to pip --index-url.",
)
ENVIRONMENT_OPTIONS = (
    *HOST,
    _inside(
        "--with",
        "requires",
        metavar="REQUIREMENT",
        multiple=True,
        callback=values.requirements,
        help="Install this for the build machine, fit to be compiled against for the host.",
    ),
    _inside(
        "--with-host",
        "host_requires",
        metavar="SPEC",
        multiple=True,
        help="Install this, and what it requires, for the host: its headers and libraries are found by what is built. "
        "A requirement, a wheel, an sdist or a directory.",
    ),
    _inside(
        "--for",
        "projects",
        metavar="PROJECT",
        multiple=True,
        help="Install what is needed to build PROJECT: a directory, an sdist or a requirement.",
    ),
    *HOST_OPTIONS,
    _AUTO_SYSROOT,
    *_PREPARATION,
    *SOURCE_OPTIONS,
    *VERBOSITY,
)
"""The options of commands that make a cross environment."""
