"""``build-pip`` and ``cross-pip``: what the programs of that name in a cross environment run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli.manual import Command, Group
from crossbuild.cli.option_values import Output, output_options, take_request
from crossbuild.cli.options import REQUEST_OPTIONS, with_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.cli.display import Display
    from crossbuild.environments.host_site import HostSite
    from crossbuild.session.session import Session

_ENVIRONMENT = click.option(
    "--env-dir", "directory", required=True, hidden=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)


@click.command("build-pip", hidden=True)
@_ENVIRONMENT
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def build_pip(*, directory: Path, words: tuple[str, ...]) -> int:
    """Run the pip of the build venv."""
    from crossbuild.cli.outcome import guarded

    statuses: list[int] = []

    def work(display: Display) -> None:
        from crossbuild.environments.host_site import HostSite
        from crossbuild.environments.pip_programs import run_build_pip
        from crossbuild.frontend import environment_session

        with environment_session(directory, reporter=display, environ=os.environ) as session:
            # A list, because `guarded` has the exit code of crossbuild; that of pip is another.
            statuses.append(run_build_pip(directory, words, HostSite(environment=directory).session(session)))

    # pip writes to the same terminal. Our steps between its lines would look like its own.
    code = guarded(work, Output(verbosity=-1))
    return code or statuses[0]


@click.command("build-fetch", hidden=True)
@click.option("--build-dir", "directory", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def build_fetch(*, directory: Path, words: tuple[str, ...]) -> int:
    """Run pip for a hook that fetches something itself."""
    from crossbuild.cli.outcome import guarded

    statuses: list[int] = []

    def work(display: Display) -> None:
        from crossbuild.building.workspace import fetch_with_pip
        from crossbuild.native.build_layout import BuildDirectory

        build = BuildDirectory(path=directory)
        statuses.append(fetch_with_pip(build, words, reporter=display, environ=os.environ))

    return guarded(work, Output()) or statuses[0]


class _CrossPip(Group):
    """A program of its own in a cross environment, which runs this command."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return a context without ``parent``, so that usage lines and help have the name that users type."""
        return super().make_context(info_name, args, **extra)


@click.group(
    "cross-pip",
    cls=_CrossPip,
    hidden=True,
    sections=(
        (
            "Examples",
            """\
            cross-pip install numpy 'cryptography>=42' ./project
            cross-pip list
            """,
        ),
    ),
)
@_ENVIRONMENT
@click.pass_context
def cross_pip(ctx: click.Context, *, directory: Path) -> None:
    """Install for the host, into the host site of the cross environment that this is run in.

    Nothing here imports from it. Its headers and libraries are found by what is built.
    """
    ctx.obj = directory


@cross_pip.command(cls=Command)
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@with_options(*REQUEST_OPTIONS)
@click.option("-U", "--upgrade", is_flag=True, help="Upgrade to the newest versions.")
@output_options(json=False)
@click.pass_obj
def install(directory: Path, /, *, upgrade: bool, output: Output, **words: Any) -> int:
    """Install projects and their dependencies for the host.

    SPEC is a requirement, a URL, a repository (git+https://...), or the path of a wheel, an sdist or a directory.
    Without SPEC, -r and --group, it is the project in the current directory. A wheel that the index has for the host is
    taken; otherwise it is built.
    """
    request = take_request(words)

    def work(site: HostSite, session: Session, display: Display) -> None:
        for choice in site.install(request, session=session, upgrade=upgrade):
            click.echo(f"{choice.name}=={choice.version}")
        display.packages_together(directory)

    return _on_site(directory, work, output)


@cross_pip.command(cls=Command)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("-y", "--yes", is_flag=True, expose_value=False, help="Accepted as in pip. cross-pip never prompts.")
@output_options(json=False)
@click.pass_obj
def uninstall(directory: Path, *, names: tuple[str, ...], output: Output) -> int:
    """Remove projects that are installed for the host."""

    def work(site: HostSite, session: Session, display: Display) -> None:
        display.removed(len(site.uninstall(names, session=session)), directory)

    return _on_site(directory, work, output)


@cross_pip.command(cls=Command)
@output_options(json=False)
@click.pass_obj
def freeze(directory: Path, *, output: Output) -> int:
    """List what is installed for the host, in a form that -r reads."""

    def work(site: HostSite, *_: object) -> None:
        for name, version in site.versions.items():
            click.echo(f"{name}=={version}")

    return _on_site(directory, work, output)


cross_pip.add_command(freeze, "list")


def _on_site(directory: Path, work: Callable[[HostSite, Session, Display], None], output: Output) -> int:
    from crossbuild.cli.outcome import guarded

    def open_and_work(display: Display) -> None:
        from crossbuild.environments.host_site import HostSite
        from crossbuild.frontend import environment_session

        with environment_session(directory, reporter=display, environ=os.environ) as session:
            site = HostSite(environment=directory)
            work(site, site.session(session), display)

    return guarded(open_and_work, output)
