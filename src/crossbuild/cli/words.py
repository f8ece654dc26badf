"""The options that every build takes, and the values they come to."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from crossbuild.cli.manual import Option

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.options import BuildOptions, ConfigSettings
    from crossbuild.sysroot.names import SysrootName
    from crossbuild.sysroot.sources import SourceRequest

_DIRECTORY = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Output:
    """How much is said, and in which form."""

    verbosity: int = 0
    """-1: errors only; 1: commands and their output; 2: tracebacks and logs too."""
    json: bool = False

    @classmethod
    def from_words(cls, *, verbose: int, quiet: bool, as_json: bool) -> Self:
        """Return what the options of that name mean. Raises click.UsageError if they contradict each other."""
        if verbose and quiet:
            raise click.UsageError("-v and -q exclude each other.")
        return cls(verbosity=-1 if quiet else verbose, json=as_json)


def build_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command`` all options of a build; it is called with ``options``, ``wheel_dir`` and ``output``."""

    @functools.wraps(command)
    def with_options(*, wheel_dir: Path, verbose: int, quiet: bool, as_json: bool, **words: Any) -> int:
        output = Output.from_words(verbose=verbose, quiet=quiet, as_json=as_json)
        own = {parameter: words.pop(parameter) for parameter in ("specs", "path") if parameter in words}
        return command(options=_to_options(words), wheel_dir=wheel_dir, output=output, **own)

    decorated: Callable[..., int] = with_options
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def host_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command``, whose argument is a host, the options about it; it gets ``options`` and ``output``."""

    @functools.wraps(command)
    def with_options(*, verbose: int, quiet: bool, as_json: bool, **words: Any) -> int:
        output = Output.from_words(verbose=verbose, quiet=quiet, as_json=as_json)
        return command(options=_to_options(words), output=output)

    decorated: Callable[..., int] = with_options
    for option in reversed((*_HOST_OPTIONS, *_SOURCE_OPTIONS, *VERBOSITY, _JSON)):
        decorated = option(decorated)
    return decorated


def _to_options(words: dict[str, Any]) -> BuildOptions:
    from crossbuild.configuration import Configuration
    from crossbuild.options import BuildOptions, IndexOptions
    from crossbuild.toolchain.model import ToolchainRequest

    words.pop("no_deps", None)
    toolchain = ToolchainRequest(
        **{name: words.pop(name) for name in ("cc", "cxx", "ar", "fc")}, choice=words.pop("toolchain")
    )
    index = IndexOptions(
        index_url=words.pop("index_url"),
        extra_index_urls=words.pop("extra_index_urls"),
        find_links=words.pop("find_links"),
        offline=words.pop("offline"),
    )
    if words["cache_dir"] is None:
        del words["cache_dir"]
    source = source_request(words)
    configuration = Configuration.from_directory(Path.cwd())
    return BuildOptions(**words, toolchain=toolchain, index=index, sysroot_source=source, configuration=configuration)


def source_request(words: dict[str, Any]) -> SourceRequest:
    """Take what concerns the source of packages out of ``words``."""
    from crossbuild.sysroot.sources import SourceRequest, mirror_address

    keyring = words.pop("keyring")
    return SourceRequest(
        mirror=mirror_address(words.pop("mirror")),
        keyring=keyring.absolute() if keyring else None,
        snapshot=words.pop("snapshot"),
    )


def _sysroot(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> Path | SysrootName | None:
    from crossbuild.sysroot.names import SysrootName, is_sysroot_name

    if value is None:
        return None
    return SysrootName.from_text(value) if is_sysroot_name(value) else Path(value)


def _python_version(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d+)\.(\d+)", value)
    if not found:
        raise click.BadParameter(f"{value!r} is not X.Y, such as 3.12.")
    return int(found[1]), int(found[2])


def _requirements(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    from packaging.requirements import InvalidRequirement, Requirement

    for text in values:
        try:
            Requirement(text)
        except InvalidRequirement as error:
            raise click.BadParameter(f"{text!r} is no requirement: {error}") from None
    return values


def _settings(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> ConfigSettings:
    settings: ConfigSettings = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{text!r} is not KEY=VALUE.")
        present = settings.get(key)
        if present is None:
            settings[key] = value
        else:
            settings[key] = [*([present] if isinstance(present, str) else present), value]
    return settings


def _under(heading: str) -> Callable[..., Callable[[Callable[..., int]], Callable[..., int]]]:
    return functools.partial(click.option, cls=Option, heading=heading)


_host, _libraries, _compilers, _backend, _sources, _output = map(
    _under,
    ("Host", "Host libraries", "Toolchain", "Build backend", "Where distributions come from", "Output"),
)
SYSROOT_SOURCES = (
    _libraries(
        "--mirror",
        metavar="URL",
        default="",
        envvar="CROSSBUILD_MIRROR",
        show_envvar=True,
        help="The archive that the distribution's packages come from. Default: those of this machine's apt.",
    ),
    _libraries(
        "--keyring",
        metavar="FILE",
        type=_FILE,
        envvar="CROSSBUILD_KEYRING",
        show_envvar=True,
        help="The keys that the archive is signed with. Default: the distribution's, and those that apt trusts.",
    ),
    _libraries(
        "--snapshot",
        metavar="TIME",
        default="",
        help="Take the packages as they were then, such as 20260101T000000Z, from the distribution's archive.",
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
_HOST = (
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
_HOST_OPTIONS = (
    _host(
        "--python",
        metavar="X.Y",
        callback=_python_version,
        help="The host's Python, if HOST is a platform tag. Default: the version that runs crossbuild.",
    ),
    _host(
        "--build-python",
        metavar="PATH",
        type=_FILE,
        help="The Python of this machine to build with; it must have the host's X.Y. Default: the first found.",
    ),
    _libraries(
        "--sysroot",
        metavar="DIR|NAME",
        callback=_sysroot,
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
    _libraries(
        "--auto-sysroot",
        is_flag=True,
        help="If a build fails for want of libraries, add the packages that have them and build again.",
    ),
    *SYSROOT_SOURCES,
    _compilers(
        "--toolchain",
        metavar="auto|zig|gnu|PREFIX",
        default="auto",
        help="What compiles. auto: for a manylinux or musllinux tag zig, which is fetched on first use; else the "
        "compiler that the host records, a GNU cross compiler on PATH, or zig, whichever is there first. PREFIX is "
        "what stands before gcc: /opt/x/bin/aarch64-linux-gnu-.",
    ),
    _compilers("--cc", metavar="COMMAND", help="The C compiler."),
    _compilers("--cxx", metavar="COMMAND", help="The C++ compiler."),
    _compilers("--ar", metavar="COMMAND", help="The archiver."),
    _compilers("--fc", metavar="COMMAND", help="The Fortran compiler."),
)
_BACKEND_OPTIONS = (
    _backend(
        "-C",
        "--config-setting",
        "config_settings",
        metavar="KEY=VALUE",
        multiple=True,
        callback=_settings,
        help="Pass a setting to the build backend. A KEY given more than once gets a list.",
    ),
    _backend(
        "--build-constraint",
        "build_constraints",
        metavar="FILE",
        multiple=True,
        type=_FILE,
        help="Constrain the versions of build requirements.",
    ),
    _backend(
        "--host-requires",
        metavar="REQUIREMENT",
        multiple=True,
        callback=_requirements,
        help="Install a further build requirement, with the host's headers and static libraries.",
    ),
    _backend(
        "--installer",
        type=click.Choice(["uv", "pip"]),
        default="uv",
        show_default=True,
        help="What installs build requirements.",
    ),
    _backend("-j", "--jobs", metavar="N", type=click.IntRange(min=1), help="How many compilers may run at once."),
    _backend("--keep", is_flag=True, help="Keep the build directory, also after success."),
    _backend(
        "--allow-missing-extensions",
        is_flag=True,
        help="Deliver a wheel although an optional extension of it failed to compile.",
    ),
)
_SOURCE_OPTIONS = (
    _sources("--index-url", metavar="URL", default="", help="The index to use instead of PyPI."),
    _sources(
        "--extra-index-url", "extra_index_urls", metavar="URL", multiple=True, help="An index to ask before that one."
    ),
    _sources("--find-links", metavar="PLACE", multiple=True, help="A directory, or the URL of a page, to look at too."),
    _sources("--offline", is_flag=True, help="Never use the network, only what the caches hold."),
    CACHE_DIR,
)
_JSON = _output("--json", "as_json", is_flag=True, help="Print one JSON document, on failure too.")
_OPTIONS = (
    *_HOST,
    *_HOST_OPTIONS,
    *_BACKEND_OPTIONS,
    *_SOURCE_OPTIONS,
    _sources(
        "--no-deps",
        is_flag=True,
        help="Build no dependencies. They are not built without it either; it lets scripts say so.",
    ),
    _output(
        "-w",
        "--wheel-dir",
        metavar="DIR",
        type=_DIRECTORY,
        default=Path(),
        help="Where to put the wheels. Default: the current directory.",
    ),
    *VERBOSITY,
    _JSON,
)
