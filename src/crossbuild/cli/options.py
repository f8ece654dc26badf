"""The options of the commands, by what they are about.

Those that are fields of :class:`BuildOptions` are declared there. What is declared here says what a command does with
the wheels, and how much it prints. All are made when a command is used: others need not wait for them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli import suggestions, values
from crossbuild.cli.manual import OPTION_MAKERS, Option
from crossbuild.cli.values import DIRECTORY, FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crossbuild.declarations import option
    from crossbuild.declarations.option import Scope

    Maker = Callable[[], Sequence[Option]]
    _Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_NEW_FILE = click.Path(dir_okay=False, path_type=Path)


def with_options(*makers: Maker) -> _Decorator:
    """Return what gives a command the options that ``makers`` make, in that order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        facts = vars(command)
        # Decorators are applied from the bottom up. In front, the options keep the order in which they are read.
        facts[OPTION_MAKERS] = (*makers, *facts.get(OPTION_MAKERS, ()))
        return command

    return decorate


def under(heading: str) -> Callable[..., Maker]:
    """Return what declares an option that the help lists under ``heading``, with the arguments of click's."""

    def declare(*names: str, **facts: Any) -> Maker:
        # A maker and not the option: each is made for the one command that is called, out of dozens.
        return lambda: [Option(names, heading=heading, **facts)]

    return declare


def _declared(is_meant: Callable[[option.Option], bool], **changes: Any) -> Maker:
    def make() -> list[Option]:
        from crossbuild.cli.kinds import option_of_click
        from crossbuild.declarations.option import options_of
        from crossbuild.options.build_options import BuildOptions

        return [option_of_click(replace(one, **changes)) for one in options_of(BuildOptions) if is_meant(one)]

    return make


def _archives() -> list[Option]:
    from crossbuild.cli.kinds import option_of_click
    from crossbuild.declarations.option import options_of
    from crossbuild.sysroot.apt_sources import SourceRequest

    return [option_of_click(one) for one in options_of(SourceRequest)]


def _scope(name: str) -> Scope:
    from crossbuild.declarations.option import Scope

    return Scope[name]


def _up_to(scope: str) -> Maker:
    # The host is left out because some commands take it as an argument.
    return _declared(lambda one: one.field != "host" and one.scope <= _scope(scope))


_wanted, _inside, _sources, _output = map(
    under, ("What is wanted", "What is in it", "Where distributions come from", "Output")
)
HOST = _declared(lambda one: one.field == "host")
CHECKED_HOST = _declared(
    lambda one: one.field == "host",
    required=False,
    description="The machine to check for, as for crossbuild wheel. Default: any that the wheel's tags promise.",
)
REBUILT_HOST = _declared(
    lambda one: one.field == "host",
    required=False,
    # What is set for other commands is no wish about this wheel.
    variable="",
    description="The file or the directory of the host that the wheel was built for, where the statement does not "
    "have the host.",
)
OF_THE_MACHINE = _declared(
    lambda one: (
        one.field not in {"host", "python", "sysroot_packages"}
        and (one.scope <= _scope("HOST") or one.field in {"jobs", "environment_changes"})
    )
)
"""The options of a build that are not about what comes of it, or that a statement cannot say."""
IGNORE = _declared(lambda one: one.field == "ignore")
REPAIRS = _declared(lambda one: one.field in {"exclude", "strip_wheels", "no_strip"})
"""Those of :class:`RepairOptions`, but for whether to repair."""
CACHE_DIR = _declared(lambda one: one.field == "cache_dir")
CACHE_LIMIT = _declared(lambda one: one.field == "cache_max_size")
HOST_OPTIONS = _up_to("HOST")
"""The options of commands that look at a host, but for the host itself, which may be an argument."""
SYSROOT_SOURCES = _archives
"""The options for the source of a sysroot's packages."""
LOOK = "crossbuild.look"
"""Where click's context has how things are to look: every command shows them likewise, and none has to know."""


def _note_look(context: click.Context, option: click.Parameter, value: object) -> None:
    if option.name and context.get_parameter_source(option.name) != click.core.ParameterSource.DEFAULT:
        context.meta.setdefault(LOOK, {})[option.name] = value


VERBOSITY = (
    _output(
        "-v",
        "--verbose",
        count=True,
        common=True,
        help="Show each command and its output. -vv shows tracebacks and logs, too.",
    ),
    _output("-q", "--quiet", is_flag=True, help="Show errors only."),
    _output(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        expose_value=False,
        callback=_note_look,
        help="When to use colors. auto means on terminals, always if FORCE_COLOR is set, and never if NO_COLOR is set.",
    ),
    _output(
        "--no-progress",
        "progress",
        is_flag=True,
        flag_value=False,
        default=True,
        expose_value=False,
        callback=_note_look,
        help="Print lines only, as in a log, without a live display.",
    ),
)
"""The options of every command that reports what it does."""
OUTPUT_FILE = _output(
    "-o",
    "--output",
    "into",
    metavar="FILE",
    type=_NEW_FILE,
    callback=values.writable,
    help="Where to write it. Default: standard output.",
)
REQUEST_OPTIONS = (
    _wanted(
        "-r",
        "--requirement",
        "--requirements",
        "files",
        metavar="FILE",
        multiple=True,
        type=FILE,
        common=True,
        help="Take the requirements in a file. It may be a lock file: pylock.toml. May be given more than once.",
    ),
    _wanted(
        "-c",
        "--constraint",
        "--constraints",
        "constraints",
        metavar="FILE",
        multiple=True,
        type=FILE,
        help="Constrain the versions of whatever is chosen.",
    ),
    _wanted(
        "--group",
        "groups",
        metavar="[PATH:]NAME",
        multiple=True,
        help="Take a dependency group of a pyproject.toml, by default that of the current directory.",
    ),
    _wanted("--no-deps", "--no-dependencies", is_flag=True, common=True, help="Leave out dependencies."),
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
)
"""The options for what is wanted, and which distributions may be taken."""
REQUIREMENT_OPTIONS = (
    *REQUEST_OPTIONS,
    _declared(lambda one: one.scope == _scope("SET")),
    _wanted("--fail-fast", is_flag=True, help="Stop at the first package that fails."),
    _wanted(
        "--lock",
        metavar="FILE",
        type=_NEW_FILE,
        callback=values.writable,
        help="Write what was chosen as a lock file (PEP 751); by its name, pylock.toml, -r takes it.",
    ),
)
"""Those of commands that take a whole set of packages to another place."""
JSON = _output("--json", "as_json", is_flag=True, help="Print one JSON document, on failure too.")
SELECT = _wanted(
    "--select",
    metavar="ID,...",
    multiple=True,
    callback=values.findings,
    shell_complete=suggestions.findings,
    help="Look for these findings only. Separate several by commas.",
)
SARIF = _output(
    "--sarif",
    metavar="FILE",
    type=_NEW_FILE,
    callback=values.writable,
    help="Also write the findings as SARIF, for code scanning.",
)
DRY_RUN = _output(
    "--dry-run",
    is_flag=True,
    common=True,
    help="Show what would be downloaded and built. Nothing is built, and only the cache is written to.",
)
WHEEL_DIR = _output(
    "-w",
    "--wheel-dir",
    "-o",
    "--out-dir",
    "--outdir",
    "--output-dir",
    "wheel_dir",
    metavar="DIR",
    type=DIRECTORY,
    default=Path(),
    callback=values.fillable,
    common=True,
    help="Where to put the wheels. Default: the current directory.",
)
OF_WHEELS = _declared(lambda one: one.scope == _scope("WHEELS"))
"""The options of commands whose result is wheels: how these are tested, and what is written beside them."""
BUILD_OPTIONS = (
    HOST,
    OF_WHEELS,
    _up_to("BUILD"),
    _sources(
        "--no-deps",
        "--no-dependencies",
        is_flag=True,
        expose_value=False,
        help="Build no dependencies. They are not built in any case.",
    ),
    WHEEL_DIR,
)
TESTED_OPTIONS = (
    HOST,
    _declared(lambda one: one.scope == _scope("WHEELS") and one.field not in {"test", "keep_failed", "provenance"}),
    _up_to("BUILD"),
)
"""Those of a command that tests wheels which exist, and builds what they require."""
SET_OPTIONS = (HOST, *REQUIREMENT_OPTIONS, _up_to("BUILD"))
"""The options of commands that take a whole set of packages, but for where to put it."""
STATIC_INDEX = _output(
    "--index",
    "index_dir",
    metavar="DIR",
    type=DIRECTORY,
    callback=values.index_directory,
    help="Lay the wheels out as a package index, too: any web server, or a file: URL, gives it to pip --index-url.",
)
ENVIRONMENT_OPTIONS = (
    HOST,
    _inside(
        "--with",
        "requires",
        metavar="REQUIREMENT",
        multiple=True,
        callback=values.requirements,
        common=True,
        help="Install this for the build machine. What is built for the host can be compiled against it.",
    ),
    _inside(
        "--with-host",
        "host_requires",
        metavar="SPEC",
        multiple=True,
        shell_complete=suggestions.files,
        common=True,
        help="Install this for the host. Its dependencies are installed too, and builds find its headers and "
        "libraries. SPEC is a requirement, a URL, a repository (git+https://...), or the path of a wheel, an sdist or "
        "a directory.",
    ),
    _inside(
        "--for",
        "projects",
        metavar="PROJECT",
        multiple=True,
        shell_complete=suggestions.files,
        common=True,
        help="Install what PROJECT needs to be built. PROJECT is a requirement, a URL, a repository "
        "(git+https://...), or the path of an sdist or a directory.",
    ),
    _up_to("ENVIRONMENT"),
)
"""The options of commands that make a cross environment."""
