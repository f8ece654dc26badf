"""``crossbuild run``: a command in a cross environment that lasts as long as the command."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import click

from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import environment_options
from crossbuild.cli.suggestions import files

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.cli.display import Display
    from crossbuild.cli.option_values import Output
    from crossbuild.environments.environment_request import EnvironmentRequest
    from crossbuild.environments.standing import StandingEnvironment
    from crossbuild.options.build_options import BuildOptions


@click.command(
    cls=Command,
    common=True,
    short_help="Run a command in a cross environment.",
    context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False},
    sections=(
        (
            "Examples",
            """\
            crossbuild run --host manylinux_2_28_aarch64 -- python -m sysconfig
            crossbuild run --host debian:bookworm:armhf -- sh -c './configure && make'
            crossbuild run --host pi --for . -- python setup.py bdist_wheel
            """,
        ),
    ),
)
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND...", shell_complete=files)
@environment_options
def run(*, command: tuple[str, ...], wishes: EnvironmentRequest, options: BuildOptions, output: Output) -> int:
    """Run COMMAND in a cross environment for HOST.

    In it python, python3 and pythonX.Y answer as the host's Python, and compile for it; cc, pkg-config, cmake, meson,
    cargo and ./configure build for HOST, as in the build of a wheel. build-python is the build Python. The environment
    is gone when COMMAND ends. Once COMMAND runs, the exit code is that of COMMAND.
    """

    def entered(inside: StandingEnvironment) -> tuple[list[str], dict[str, str]]:
        from crossbuild.environments.standing import outside

        return list(command), inside.variables.entered(outside(os.environ))

    return run_inside(entered, wishes=wishes, options=options, output=output)


def run_inside(
    command: Callable[[StandingEnvironment], tuple[list[str], dict[str, str]]],
    *,
    wishes: EnvironmentRequest,
    options: BuildOptions,
    output: Output,
) -> int:
    """Make an environment, run in it what ``command`` returns, and end as that ends."""
    from crossbuild.cli.outcome import guarded

    statuses: list[int] = []

    def work(display: Display) -> None:
        from crossbuild.environments.running import run_command
        from crossbuild.frontend import temporary_environment

        with temporary_environment(wishes, options=options, reporter=display, environ=os.environ) as inside:
            words, environ = command(inside)
            with display.aside():
                statuses.append(run_command(words, environ))

    # The environment is removed by now. Dying of the signal any sooner would leave it behind.
    code = guarded(work, output)
    return _ended_like(statuses[0]) if statuses else code


def _ended_like(status: int) -> int:
    """Return ``status``; if it is that of a process that died of a signal, die of the same."""
    if status >= 0:
        return status
    if -status != signal.SIGKILL:  # which has nothing else
        signal.signal(-status, signal.SIG_DFL)
    # A shell asks how its command died, to end a loop or a script after Ctrl-C. A mere number does not tell.
    os.kill(os.getpid(), -status)
    return 128 - status
