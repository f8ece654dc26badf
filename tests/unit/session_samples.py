"""Sessions for the tests, in which nothing is compiled."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from crossbuild.building.build_venv import BuildVenv
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.options.build_options import BuildOptions, IndexOptions
from crossbuild.reporting import SilentReporter
from crossbuild.session.session import Session
from crossbuild.system.processes import Runner
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from crossbuild.host.model import Host
    from crossbuild.reporting import Reporter


def make_session(directory: Path, *, reporter: Reporter, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Return one for glibc 2.36 on aarch64, with no index but the wheels in ``directory``."""
    set_host(make_host(libc="glibc 2.36"), monkeypatch)
    index = IndexOptions(find_links=(str(directory),), no_index=True)
    options = BuildOptions(index=index, cache_dir=directory / "cache")
    return Session.from_options(options, reporter=reporter, environ={})


def set_host(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all sessions be for ``host``."""
    monkeypatch.setattr(Session, "target", lambda *_: SimpleNamespace(host=host))
    monkeypatch.setattr(Session, "plan", lambda *_: SimpleNamespace(known_host=host))
    monkeypatch.setattr(Session, "host", lambda *_: host)


def make_build_venv(directory: Path) -> BuildVenv:
    """Return the build venv of a build in ``directory``, with a site-packages directory and no Python."""
    build = BuildDirectory(path=directory)
    (build.venv / "lib/python3.11/site-packages").mkdir(parents=True)
    return BuildVenv(build=build, runner=Runner(log=build.log, reporter=SilentReporter()), environ={})
