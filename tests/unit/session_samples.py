"""Sessions for the tests, in which nothing is compiled."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from crossbuild.options.build_options import BuildOptions, IndexOptions
from crossbuild.session.session import Session
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from crossbuild.reporting import Reporter


def make_session(directory: Path, *, reporter: Reporter, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Return one for glibc 2.36 on aarch64, with no index but the wheels in ``directory``."""
    host = make_host(libc="glibc 2.36")
    monkeypatch.setattr(Session, "target", lambda *_: SimpleNamespace(host=host))
    monkeypatch.setattr(Session, "plan", lambda *_: SimpleNamespace(known_host=host))
    monkeypatch.setattr(Session, "host", lambda *_: host)
    index = IndexOptions(find_links=(str(directory),), no_index=True)
    options = BuildOptions(index=index, cache_dir=directory / "cache")
    return Session.from_options(options, reporter=reporter, environ={})
