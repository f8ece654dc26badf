"""What counts as built, and what as from the cache."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crossbuild.building import cached
from crossbuild.building.cached import Builder
from crossbuild.reporting import SilentReporter
from crossbuild.sources.project import Source
from crossbuild.system.cache import Cache
from crossbuild.wheelhouse.workshop import builder
from crossbuild.wheels.distribution import Distribution, Origin
from tests.unit.session_samples import make_session
from tests.unit.test_dry_run import make_sdist
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_wheel_that_was_built_to_read_its_metadata_counts_as_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(_: Builder, __: Source, *___: Any, origin: Origin, scratch: Path) -> Distribution:
        return Distribution.from_wheel(make_wheel(scratch, {}, project="app-2.0"), origin=origin)

    def no_hook(*_: Any, **__: Any) -> tuple[None, frozenset[str]]:
        return None, frozenset()

    monkeypatch.setattr(cached, "_key", lambda *_: "same")
    monkeypatch.setattr(cached, "wanted_packages", lambda *_: frozenset())
    monkeypatch.setattr(cached, "with_libraries", no_hook)
    monkeypatch.setattr(Builder, "_build", build)
    session = make_session(tmp_path, reporter=SilentReporter(), monkeypatch=monkeypatch)
    sdist = Source.from_sdist(make_sdist(tmp_path, "app-2.0"), into=tmp_path / "unpacked")
    origin = Origin(url="file:///app")
    builder(session).metadata(sdist)
    assert builder(session).wheel(sdist, origin=origin, scratch=tmp_path).how == "built"
    later = replace(session, services=replace(session.services, cache=Cache(root=session.services.cache.root)))
    assert builder(later).wheel(sdist, origin=origin, scratch=tmp_path).how == "from cache"
