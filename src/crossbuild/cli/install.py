"""``crossbuild install``, ``uninstall`` and ``rollback``: change a root file system that becomes a device's image."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli.dry_run import show_plan
from crossbuild.cli.manual import Command
from crossbuild.cli.option_values import host_options, output_options, set_options
from crossbuild.cli.options import CACHE_DIR, DRY_RUN, HOST, under, with_options
from crossbuild.cli.suggestions import files
from crossbuild.cli.values import DIRECTORY, fillable_unless_there, host_path, writable
from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crossbuild.cli.display import Display
    from crossbuild.cli.option_values import Output
    from crossbuild.image.fill import ImageTarget, InstallReport
    from crossbuild.image.installed import Installed
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.requirements.request import Request
    from crossbuild.wheelhouse.dry_run import Plan

_FILE = click.Path(dir_okay=False, path_type=Path)
_SCHEMES = ("posix_prefix", "posix_local", "deb_system", "venv")


_option = under("Image")
_PLACE = (
    _option(
        "--root",
        metavar="DIR",
        type=DIRECTORY,
        callback=fillable_unless_there,
        common=True,
        help="The host's root file system, or its image.",
    ),
    _option(
        "-t",
        "--target",
        metavar="DIR",
        type=DIRECTORY,
        callback=fillable_unless_there,
        common=True,
        help="A directory to import from, not a root.",
    ),
    _option(
        "--prefix",
        metavar="PATH",
        type=PurePosixPath,
        callback=host_path,
        help="The prefix, as the host calls it: /usr. Default: that of its pip.",
    ),
    _option(
        "--scheme",
        type=click.Choice(_SCHEMES),
        help="How things lie below the prefix. Default: as the host's pip has it, dist-packages on Debian.",
    ),
    _option(
        "--interpreter",
        metavar="PATH",
        default="",
        help="The Python that scripts start, as the host calls it. Default: the host's own.",
    ),
)
_PLACE_NAMES = ("root", "target", "prefix", "interpreter")
_WISHES = (
    _option("--compile", "bytecode", is_flag=True, help="Make bytecode, with the paths that files have on the host."),
    _option("--strip", is_flag=True, help="Take symbols out of libraries and programs."),
    _option(
        "-U",
        "--upgrade",
        is_flag=True,
        common=True,
        help="Upgrade to the newest versions. Only requested projects are upgraded; see --upgrade-strategy.",
    ),
    _option(
        "--upgrade-strategy",
        "strategy",
        type=click.Choice(["only-if-needed", "eager"]),
        default="only-if-needed",
        show_default=True,
        help="Whether -U also means what that requires.",
    ),
    _option("--strict", is_flag=True, help="End with an error if the image lacks a library that something needs."),
    _option(
        "--manifest", metavar="FILE", type=_FILE, callback=writable, help="Write what is in the image, file by file."
    ),
    _option(
        "--sbom", metavar="FILE", type=_FILE, callback=writable, help="Write a bill of materials (CycloneDX 1.6, JSON)."
    ),
)


def _place(words: dict[str, Any]) -> ImageTarget:
    from crossbuild.image.fill import ImageTarget

    # The same check as the library's, in click's words, and before the host is read.
    place = ImageTarget(scheme=words.pop("scheme") or "", **{name: words.pop(name) for name in _PLACE_NAMES})
    try:
        place.check()
    except UsageError as error:
        raise click.UsageError(error.what) from None
    return place


@click.command(
    cls=Command,
    common=True,
    short_help="Install projects and their dependencies into an image for HOST.",
    sections=(
        (
            "Examples",
            """\
            crossbuild install ./app --host debian:bookworm:arm64 --root image/
            crossbuild install -r requirements.txt --host pi --root image/
            crossbuild install httpx --host manylinux_2_28_aarch64 --target bundle/
            crossbuild install ./app dist/*.whl --host /sysroot/usr/bin/python3.11 --root image/ --prefix /usr --compile
            """,
        ),
    ),
)
@click.argument("specs", nargs=-1, metavar="[SPEC]...", shell_complete=files)
@set_options(DRY_RUN, *_PLACE, *_WISHES, place=_place)
def install(
    *,
    request: Request,
    place: ImageTarget,
    options: BuildOptions,
    lock: Path | None,
    fail_fast: bool,
    strict: bool,
    dry_run: bool,
    output: Output,
    **words: Any,
) -> int:
    """Install projects, and all that they require on HOST, into a root file system or a directory.

    SPEC is a requirement, a URL, a repository (git+https://...), or the path of a wheel, an sdist or a directory.
    Without SPEC, -r and --group, it is the project in the current directory. Wheels for HOST come from the index;
    projects without one are built. Each wheel is checked first, wherever it comes from. A refused wheel, such as one
    for another machine, is not installed. The image changes only when everything is ready, and it changes completely or
    not at all. Conflicts between files, and files outside of the root, are errors. Scripts start the host's Python.
    Installed packages stay if they satisfy the requirements.

    A warning lists needed libraries that are in neither the root nor the host's sysroot.
    """
    facts: dict[str, Any] = {"installed": [], "missing": []}

    def work(display: Display) -> None:
        from crossbuild.frontend import fill_image
        from crossbuild.image.fill import InstallOptions

        filled = fill_image(
            request,
            place,
            InstallOptions(**words, lock=lock),
            options=options,
            fail_fast=fail_fast,
            reporter=display,
            progress=display,
            environ=os.environ,
        )
        facts.update(_tell(filled, display, output))
        written = [f"wrote {file}" for file in (words["manifest"], words["sbom"], lock) if file]
        display.packages_together(filled.layout.root, *_libraries(filled), *written)
        # After the report is shown: the libraries are the reason for the error.
        if strict:
            filled.raise_for_missing()

    def look(reporter: Reporter) -> Plan:
        from crossbuild.frontend import plan_image
        from crossbuild.image.fill import InstallOptions

        wishes = InstallOptions(**words, lock=lock)
        return plan_image(request, place, wishes, options=options, reporter=reporter, environ=os.environ)

    return show_plan(look, output) if dry_run else _guarded(work, output, facts)


@click.command(
    cls=Command,
    sections=(
        (
            "Examples",
            """\
            crossbuild install httpx --host manylinux_2_28_aarch64 --target bundle/
            crossbuild uninstall httpx --host manylinux_2_28_aarch64 --target bundle/
            """,
        ),
    ),
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("-y", "--yes", is_flag=True, expose_value=False, help="Accepted as in pip. crossbuild never prompts.")
@with_options(HOST, *_PLACE)
@host_options(place=_place)
def uninstall(*, names: tuple[str, ...], place: ImageTarget, options: BuildOptions, output: Output) -> int:
    """Remove projects from a root file system or a directory that they were installed into."""
    facts: dict[str, Any] = {"removed": []}

    def work(display: Display) -> None:
        from crossbuild.frontend import empty_image

        removed = empty_image(names, place, options=options, reporter=display, environ=os.environ)
        facts["removed"] = list(map(_facts, removed))
        _list(removed, output)
        display.removed(len(removed), place.directory)

    return _guarded(work, output, facts)


@click.command(cls=Command, sections=(("Examples", "crossbuild rollback image/"),))
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@with_options(CACHE_DIR)
@output_options()
def rollback(*, directory: Path, output: Output, **words: Any) -> int:
    """Undo an unfinished install or uninstall.

    DIRECTORY is the --root or --target of the interrupted command. The next install or uninstall there undoes an
    unfinished change itself. If that fails, its error tells you to run this command.
    """
    facts: dict[str, Any] = {"rolled_back": False}

    def work(display: Display) -> None:
        from crossbuild.declarations.option import taken
        from crossbuild.frontend import roll_back_image
        from crossbuild.options.build_options import BuildOptions

        cache_dir = taken(BuildOptions, words).cache_dir
        facts["rolled_back"] = roll_back_image(directory.absolute(), cache_dir=cache_dir)
        display.note("The change is undone." if facts["rolled_back"] else f"No unfinished change in {directory}.")

    return _guarded(work, output, facts)


def _tell(filled: InstallReport, display: Display, output: Output) -> dict[str, Any]:
    for one in filled.missing:
        display.warning(f"The image lacks {one}.")
    for waived in (installed for installed in filled.installed if installed.waived):
        display.warning(f"{waived.title} was installed with --no-check, though it has {_count(waived)}.")
    _list(filled.installed, output)
    missing = [
        {"soname": one.soname, "file": str(one.file), "distribution": one.distribution} for one in filled.missing
    ]
    return {"installed": list(map(_facts, filled.installed)), "missing": missing}


def _libraries(filled: InstallReport) -> list[str]:
    if filled.missing:
        return [f"{len({one.soname for one in filled.missing})} libraries missing"]
    return ["all libraries found"] if filled.knows_libraries else []


def _count(one: Installed) -> str:
    return "one problem" if len(one.waived) == 1 else f"{len(one.waived)} problems"


def _list(found: Iterable[Installed], output: Output) -> None:
    if not output.json:
        for one in found:
            click.echo(f"{one.name}=={one.version}")


def _facts(one: Installed) -> dict[str, Any]:
    return {"name": one.name, "version": one.version, "directory": str(one.directory), "waived": list(one.waived)}


def _guarded(work: Callable[[Display], None], output: Output, facts: dict[str, Any]) -> int:
    """Do ``work``, and print ``facts``, which it has filled in, as one document."""
    from crossbuild.cli.outcome import documented

    return documented(work, output, lambda error: click.echo(json.dumps({**facts, "error": error}, indent=2)))
