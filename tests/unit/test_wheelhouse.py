"""From requests to wheels in a directory, of wheels that are here: nothing is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.errors import NetworkError, RequirementsError
from crossbuild.reporting import PlainBoard, SilentReporter
from crossbuild.wheelhouse.make import Wheelhouse, fill_wheelhouse
from crossbuild.wheelhouse.request import Request
from tests.unit.session_samples import make_session
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.session import Session


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    for project, *requires in (("app-1.0", "deep[more]"), ("deep-1.0",), ("deep-1.1",)):
        headers = ("Provides-Extra: more",)
        make_wheel(tmp_path, {}, tag="py3-none-any", project=project, requires=requires, headers=headers)
    (tmp_path / "wheels").mkdir()
    return make_session(tmp_path, reporter=SilentReporter(), monkeypatch=monkeypatch)


def fill(session: Session, directory: Path, *specs: str, **words: Any) -> list[str]:
    """Return what was delivered, and is there, as ``name==version``."""
    request = Request(specs=specs, **words)
    house = Wheelhouse(wheel_dir=directory / "wheels", lock=directory / "pylock.toml")
    board = PlainBoard(reporter=session.reporter)
    wheels = list(fill_wheelhouse(request, house, session=session, board=board))
    assert all(wheel.path.is_file() for wheel in wheels)
    return sorted(f"{wheel.name}=={wheel.version}" for wheel in wheels)


def test_a_closure(tmp_path: Path, session: Session) -> None:
    assert fill(session, tmp_path, "app") == ["app==1.0", "deep==1.1"]
    assert fill(session, tmp_path, "app", dependencies=False) == ["app==1.0"]


def test_what_is_given_by_its_place_is_wanted_where_its_marker_says(tmp_path: Path, session: Session) -> None:
    url = (tmp_path / "deep-1.0-py3-none-any.whl").as_uri()
    assert fill(session, tmp_path, f"deep @ {url} ; sys_platform == 'linux'", "app") == ["app==1.0", "deep==1.0"]
    assert fill(session, tmp_path, f"deep @ {url} ; sys_platform == 'win32'", "app") == ["app==1.0", "deep==1.1"]
    with pytest.raises(RequirementsError, match="is deep, not app"):
        fill(session, tmp_path, f"app @ {url}")


def test_a_lock_file_has_the_hashes(tmp_path: Path, session: Session) -> None:
    fill(session, tmp_path, "app", "deep<1.1")
    lock = (tmp_path / "pylock.toml").rename(tmp_path / "pylock.old.toml")
    assert fill(session, tmp_path, files=(lock,), require_hashes=True) == ["app==1.0", "deep==1.0"]
    with pytest.raises(RequirementsError, match="There is no hash for app, deep"):
        fill(session, tmp_path, "app", require_hashes=True)
    (tmp_path / "deep-1.0-py3-none-any.whl").write_bytes(b"something else")
    with pytest.raises(NetworkError, match="is not the file that was promised"):
        fill(session, tmp_path, files=(lock,))
