"""The throw-away environment of a test: the wheel, and all that it and its test require on the host."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.errors import UsageError
from crossbuild.image.fill import ImageTarget, InstallOptions, fill_image
from crossbuild.reporting import PlainProgressReporter, SilentReporter
from crossbuild.requirements.request import Request
from crossbuild.sources.project import Source
from crossbuild.testing.stage import ENVIRONMENT, PROJECT, WORK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crossbuild.session.session import Session
    from crossbuild.testing.stage import Stage

_SCRIPT = "import_all.py"


def fill_stage(stage: Stage, wheel: Path, *, others: Sequence[Path], project: Path | None, session: Session) -> None:
    """Fill the empty directory of ``stage`` for a test of ``wheel``, with the options of ``session``.

    ``others``: wheels of what it requires. ``project``: the directory of its source, if there is one and it is needed.
    Raises UsageError for test sources that are not there, and what choosing, fetching and building raise.
    """
    tests = session.options.tests
    extras = f"[{','.join(tests.test_extras)}]" if tests.test_extras else ""
    groups = tuple(f"{project}/pyproject.toml:{name}" for name in tests.test_groups)
    request = Request(specs=(f"{wheel.absolute()}{extras}", *others, *tests.test_requires), groups=groups)
    quiet = SilentReporter()
    fill_image(
        request,
        ImageTarget(
            root=stage.directory, prefix=PurePosixPath("/", ENVIRONMENT), scheme="venv", interpreter=str(stage.python)
        ),
        InstallOptions(),
        session=_for_requirements(session),
        progress=PlainProgressReporter(reporter=quiet),
    )
    shutil.copy(wheel, stage.directory)
    shutil.copy(Path(__file__).with_name(_SCRIPT), stage.directory)
    _copy_sources(tests.test_sources, project, stage.directory / WORK)
    if project and tests.names_project:
        _copy_project(project, stage.directory / PROJECT, session.services.environ)


def import_command(stage: Stage, modules: Sequence[str]) -> str:
    """Return the command that imports ``modules`` in ``stage``."""
    return " ".join(("python", f"'{stage.place / _SCRIPT}'", *modules))


def _for_requirements(session: Session) -> Session:
    """Return the session to install what a test requires: settings of the project that was built are not for that."""
    job = replace(session.job, reporter=SilentReporter(), config_settings={}, host_requires=())
    return replace(session, job=job)


def _copy_sources(names: Sequence[str], project: Path | None, work: Path) -> None:
    work.mkdir()
    for name in names:
        source, copy = (project or Path()) / name, work / name
        if ".." in Path(name).parts or not source.exists():
            raise UsageError(f"There is no {name} in {project} to test with.", fix="Correct --test-sources.")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)


def _copy_project(project: Path, into: Path, environ: Mapping[str, str]) -> None:
    """Copy ``project`` as a build gets it, and let ``source`` lead to it."""
    copied = Source.from_directory(project).brought_below(into, environ)
    (into / "source").symlink_to(copied.directory.relative_to(into.resolve()))
