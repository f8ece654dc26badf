"""A backend that makes a wrong wheel: nothing wrong is delivered, and nothing is corrected without a word."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.building.wheel import build_project
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.reporting import SilentReporter
from crossbuild.wheels.check import check_wheel
from crossbuild.wheels.findings import RefusedWheelError
from tests.unit.session_samples import make_session
from tests.wrong_wheels import GROUPS
from tests.wrong_wheels.changes import native
from tests.wrong_wheels.kinds import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crossbuild.host.model import Host
    from crossbuild.wheels.findings import WheelFinding

CORRECTED = {"not-installable"}
"""Faults of a name only, which the finished wheel does not have."""


class Told(SilentReporter):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warning(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[tuple[WheelFinding, ...], list[str]]]:
    """Return what builds with a backend that does nothing but give the wheel; returns findings and warnings."""
    reporter = Told()
    session = make_session(tmp_path, reporter=reporter, monkeypatch=monkeypatch)

    def build(make: Callable[[Path], Path], host: Host, number: int) -> tuple[tuple[WheelFinding, ...], list[str]]:
        directory = BuildDirectory(path=tmp_path / str(number))
        hooks = SimpleNamespace(
            heard_by=lambda _: SimpleNamespace(build=lambda _kind, into, _settings: make(into)),
            backend=lambda: "backend",
        )
        target: Any = SimpleNamespace(
            host=host,
            cross_python=SimpleNamespace(libraries=Path("/cross/lib"), prefix=Path("/cross")),
            toolchain=SimpleNamespace(kind="zig"),
        )
        place = SimpleNamespace(
            hooks=lambda _: hooks,
            directory=directory,
            session=session,
            target=target,
            environment=SimpleNamespace(environ={}),
            date=0,
        )
        source: Any = SimpleNamespace(
            label="probe", project_name="probe", sdist=None, top=None, directory=directory.project
        )

        @contextmanager
        def ready(*_: Any, **__: Any) -> Iterator[object]:
            directory.wheels.mkdir(parents=True)
            directory.log.touch()
            yield SimpleNamespace(place=place, source=source, config={})

        monkeypatch.setattr("crossbuild.building.wheel._ready", ready)
        reporter.warnings.clear()
        out = tmp_path / f"{number}-out"
        try:
            wheel, report = build_project(
                source, target=target, session=session, wheel_dir=out, host_wheels=lambda *_, **__: None
            )
        except RefusedWheelError as error:
            assert not out.exists()
            return error.findings, ["refused"]
        assert [*out.iterdir()] == [wheel]
        return report.findings, reporter.warnings

    return build


@pytest.mark.parametrize("group", GROUPS)
def test_no_wrong_wheel_is_built_without_a_word(group: str, build: Callable[..., Any], tmp_path: Path) -> None:
    for number, kind in enumerate(GROUPS[group]):
        findings, told = build(kind.make, kind.host, number)
        rule = kind.built or kind.finding
        if rule in CORRECTED:
            (wheel,) = (tmp_path / f"{number}-out").iterdir()
            assert check_wheel(wheel, kind.host).findings == ()
        else:
            assert {rule, kind.unread} & {finding.id for finding in findings}, f"{kind.name}: {findings}"
            assert told, kind.name


def test_a_good_wheel_is_built_without_a_word(build: Callable[..., Any]) -> None:
    assert build(native, HOST, 0) == ((), [])
