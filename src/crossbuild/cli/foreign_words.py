"""Words of pip, uv, build and cibuildwheel that have no equal here, and what to type instead.

Those that have one are further names of options, where these are declared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HOST = "Name the machine with --host, such as --host manylinux_2_28_aarch64."
_LOCAL_PYTHON = "Use --build-python PATH, or --provision to let uv download a Python to build with."
_ISOLATED = "Builds are always isolated. --build-constraint pins build requirements, --host-requires adds one."
_SDIST = "Use python -m build --sdist. crossbuild sdist-to-wheel makes a temporary one, and builds from that."
_INTO = "Say where to install: crossbuild install --root DIR or --target DIR."
_SHOWN = 3
"""How many of the commands that have an option a message names."""


def _each(advice: str, *names: str) -> Mapping[str, str]:
    return dict.fromkeys(names, advice)


_OPTIONS: Mapping[str, str] = {
    # Which machine and which Python
    **_each(_HOST, "--platform", "--python-platform", "--arch", "--archs"),
    "--only": "Name the machine with --host and the Python with --python: --host manylinux_2_28_aarch64 --python 3.12.",
    "--abi": "Use --python: 3.12, or 3.13t for a free-threaded Python.",
    "--implementation": "crossbuild builds for CPython only. Leave it out.",
    **_each(_LOCAL_PYTHON, "--managed-python", "--no-managed-python", "--python-preference"),
    # What is built
    **_each("An editable install works on this machine only. Give the directory itself.", "-e", "--editable"),
    **_each(_ISOLATED, "-n", "--no-isolation", "--no-build-isolation"),
    **_each("Build requirements are always installed. Leave it out.", "-x", "--skip-dependency-check"),
    "--wheel": "crossbuild wheel builds only wheels. Leave it out.",
    **_each(_SDIST, "-s", "--sdist"),
    "--config-json": "Give each setting with -C KEY=VALUE.",
    "--config-settings-package": "Put config-settings under [packages.NAME] in crossbuild.toml.",
    "--global-option": "Pass it to the build backend with -C, such as -C --global-option=OPTION for setuptools.",
    "--build-option": "Pass it to the build backend with -C, such as -C --build-option=OPTION for setuptools.",
    "--no-clean": "Use --keep to keep the build directory.",
    "--use-pep517": "Builds always follow PEP 517. Leave it out.",
    # What is chosen
    "--no-build": "Use --only-binary :all:.",
    "--no-build-package": "Use --only-binary NAME.",
    "--no-binary-package": "Use --no-binary NAME.",
    **_each("Use --pre.", "--prerelease", "--all-releases"),
    "--generate-hashes": "Use --lock FILE, which includes hashes.",
    **_each("Limit versions with -c FILE.", "--override", "--overrides"),
    "--only-deps": "Name the dependencies, or give a file of them with -r.",
    "--all-packages": "Name each project: crossbuild wheel ./a ./b.",
    "--package": "Name the directory of the project: crossbuild wheel ./packages/NAME.",
    # Where distributions come from, and where they go
    "--index": "Use --extra-index-url URL, or --index-url URL to replace PyPI.",
    "--pypi-url": "Use --index-url.",
    **_each("Use -w DIR.", "-d", "--dest", "--destination-directory"),
    "--src": "Repositories are checked out in a temporary directory. Leave it out.",
    **_each("Set PIP_TRUSTED_HOST.", "--trusted-host", "--allow-insecure-host"),
    "--cert": "Set SSL_CERT_FILE.",
    "--proxy": "Set HTTPS_PROXY.",
    **_each("Give an empty directory with --cache-dir.", "--no-cache", "--no-cache-dir"),
    "--refresh": "Indexes are always queried. Leave it out.",
    **_each(_INTO, "--user", "--system", "--break-system-packages"),
    **_each("Bytecode is compiled only with --compile. Leave it out.", "--no-compile", "--no-compile-bytecode"),
    "--compile-bytecode": "Use --compile.",
    **_each(
        "Remove the project first, with uninstall.",
        *("--force-reinstall", "--reinstall", "-I", "--ignore-installed"),
    ),
    # What is said
    "--report": "Use --json.",
    "--log": "A failed build says where its log is. -vv shows everything.",
    "--debug": "Use -vv.",
    "--silent": "Use -q.",
    "--no-color": "Use --color never.",
    "--progress-bar": "Use --no-progress to show no progress.",
    "--no-input": "crossbuild never prompts. Leave it out.",
    **_each(
        "Leave it out.",
        *("--require-virtualenv", "--isolated", "--disable-pip-version-check", "--no-python-version-warning"),
        *("--root-user-action", "--no-warn-script-location", "--no-warn-conflicts"),
    ),
    "--installer": "Build requirements are always installed by uv. Leave it out.",
}
"""By option: what to do. An option that another command has needs no entry."""

_COMMANDS: Mapping[str, str] = {
    "build": "Use crossbuild wheel.",
    "download": "crossbuild wheel downloads what has wheels for HOST, and builds the rest.",
    "lock": "crossbuild wheel --lock FILE writes a lock file.",
    "compile": "crossbuild wheel --lock FILE writes a lock file.",
    "sync": "Use crossbuild install, which installs into a root file system or a directory.",
    "pip": "Use crossbuild wheel or crossbuild install, or cross-pip in a cross environment (crossbuild env).",
    "venv": "crossbuild env makes a cross environment.",
    "create": "crossbuild sysroot create makes a sysroot, crossbuild env a cross environment.",
    "audit": "Use crossbuild check.",
    "repair": "Wheels are repaired and checked when they are built. crossbuild check checks others.",
    "show": "crossbuild host show describes a host.",
    "list": "crossbuild host list lists hosts, crossbuild sysroot list sysroots.",
    "capture": "Use crossbuild host capture.",
    "version": "Use crossbuild --version.",
    "help": "Use --help.",
}
_PIP_COMMANDS: Mapping[str, str] = {
    "download": "Outside of the environment: crossbuild wheel SPEC --host HOST -w DIR.",
    "wheel": "Outside of the environment: crossbuild wheel SPEC --host HOST -w DIR.",
    "lock": "Outside of the environment: crossbuild wheel SPEC --host HOST --lock FILE.",
    "show": "cross-pip list shows names and versions.",
    "inspect": "cross-pip list shows names and versions.",
    "check": "cross-pip install and uninstall warn of missing dependencies.",
    "config": "Set the variables of pip, such as PIP_INDEX_URL.",
    "help": "Use --help.",
}
"""By command of pip, for ``cross-pip``."""


_PIP_OPTIONS: Mapping[str, str] = {
    **_each("Set PIP_INDEX_URL, or give it to crossbuild env.", "-i", "--index-url", "--default-index"),
    **_each("Set PIP_EXTRA_INDEX_URL, or give --extra-index-url to crossbuild env.", "--extra-index-url", "--index"),
    **_each("Set PIP_FIND_LINKS, or give it to crossbuild env.", "-f", "--find-links"),
    "--no-index": "Set PIP_NO_INDEX=1, or give it to crossbuild env.",
    **_each(
        "Build it with crossbuild wheel -C, then install the wheel.", "-C", "--config-setting", "--config-settings"
    ),
    **_each(
        "cross-pip installs into its environment only. Use crossbuild install.",
        *("-t", "--target", "--root", "--prefix"),
    ),
    **_each(
        "The host is that of the environment, as given to crossbuild env. Leave it out.",
        *("--host", "--platform", "--python", "-p", "--python-version"),
    ),
    "--format": "The output is that of pip freeze. Leave it out.",
    "--user": "cross-pip installs into its environment only. Leave it out.",
    "--dry-run": "Outside of the environment: crossbuild wheel SPEC --host HOST --dry-run.",
}
"""By option of pip, for ``cross-pip``."""


def in_our_words(error: click.ClickException) -> click.ClickException:
    """Return ``error`` with what to type here, if it is about a word of another tool, or of another command."""
    if isinstance(error, click.MissingParameter) and error.param and error.param.name == "host":
        return click.UsageError(f"{error.format_message()} {_HOST}", error.ctx)
    if isinstance(error, click.NoSuchOption) and error.ctx:
        advice = _of_option(error.option_name, error.ctx)
    elif isinstance(error, click.NoSuchCommand) and error.ctx:
        advice = (_PIP_COMMANDS if _is_pip(error.ctx) else _COMMANDS).get(error.command_name, "")
    else:
        return error
    return click.UsageError(f"{error.message} {advice}", error.ctx) if advice else error


def _is_pip(ctx: click.Context) -> bool:
    return "cross-pip" in ctx.command_path.split()


def _of_option(name: str, ctx: click.Context) -> str:
    own = _PIP_OPTIONS if _is_pip(ctx) else {}
    return own.get(name) or _OPTIONS.get(name) or _of_other_commands(name, ctx)


def _of_other_commands(name: str, ctx: click.Context) -> str:
    """Say which commands have the option ``name``."""
    root = ctx.find_root()
    commands = [path for path, command in _commands(root.command, str(root.info_name)) if _has(command, name)]
    if not commands:
        return ""
    if isinstance(ctx.command, click.Group):
        return f"Options come after the command: {commands[0]} {name}."
    *shown, last = [*commands[:_SHOWN], "others"] if len(commands) > _SHOWN else commands
    return f"It is an option of {' and '.join(filter(None, (', '.join(shown), last)))}."


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if command.hidden:
        return
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name, one in command.commands.items():
        yield from _commands(one, f"{path} {name}")


def _has(command: click.Command, name: str) -> bool:
    return any(name in one.opts for one in command.params if isinstance(one, click.Option))
