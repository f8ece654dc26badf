"""What counts as built, and what as from the cache."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from crossbuild.building import cached
from crossbuild.building.cached import Builder
from crossbuild.emulation.emulator import Qemu
from crossbuild.emulation.level import Emulation
from crossbuild.options.host_options import EMULATE
from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.reporting import SilentReporter
from crossbuild.session.session import Session
from crossbuild.sources.project import Source
from crossbuild.system.cache import Cache
from crossbuild.wheelhouse.workshop import builder
from crossbuild.wheels.distribution import Distribution, Origin
from tests.unit.session_samples import make_session
from tests.unit.test_dry_run import make_sdist
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

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


def test_a_wheel_from_the_cache_says_what_of_its_build_was_emulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = Qemu(
        program=Path("/qemu"), source="qemu of ours", architecture=ARCHITECTURES["aarch64"], root=Path("/root")
    )

    def build(*_: Any, wheel_dir: Path, **__: Any) -> tuple[Path, None]:
        return make_wheel(wheel_dir, {}, project="app-2.0"), None

    def emulated(attempt: Callable[..., Distribution], source: Source, *, session: Session, **_: Any) -> Distribution:
        return attempt(source, session.with_emulation(Emulation(emulator=emulator, why="gen")))

    def without_more(build: Callable[..., Any], sources: Any, wanted: Any, **_: Any) -> tuple[Any, Any]:
        return build(sources, wanted), wanted

    monkeypatch.setattr(cached, "_key", lambda *_: "same")
    monkeypatch.setattr(cached, "wanted_packages", lambda *_: frozenset())
    monkeypatch.setattr(cached, "with_libraries", without_more)
    monkeypatch.setattr(cached, "with_emulation", emulated)
    monkeypatch.setattr(cached, "build_project", build)
    session = make_session(tmp_path, reporter=SilentReporter(), monkeypatch=monkeypatch)
    sdist = Source.from_sdist(make_sdist(tmp_path, "app-2.0"), into=tmp_path / "unpacked")
    origin, facts = Origin(url="file:///app"), {"level": "programs", "by": "qemu of ours", "why": "gen"}
    first = builder(session).wheel(sdist, origin=origin, scratch=tmp_path)
    later = replace(session, services=replace(session.services, cache=Cache(root=session.services.cache.root)))
    second = builder(later).wheel(sdist, origin=origin, scratch=tmp_path)
    assert [(one.how, one.emulation) for one in (first, second)] == [("built", facts), ("from cache", facts)]


def test_a_wheel_is_kept_for_those_who_asked_for_the_same_emulation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(tmp_path, reporter=SilentReporter(), monkeypatch=monkeypatch)
    cross_python = SimpleNamespace(prefix=tmp_path)
    monkeypatch.setattr(Session, "target", lambda *_: SimpleNamespace(cross_python=cross_python))
    sdist = Source.from_sdist(make_sdist(tmp_path, "app-2.0"), into=tmp_path / "unpacked")

    def key(emulate: str) -> str:
        return cached._key(sdist, (), replace(session, options=replace(session.options, emulate=emulate)))

    assert len({key(emulate) for emulate in EMULATE}) == len(EMULATE)
    assert key("auto") == key("auto")
