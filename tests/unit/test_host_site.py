"""The host site of a cross environment: it changes as a whole, or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from crossbuild import frontend
from crossbuild.cli.app import main
from crossbuild.environments.host_site import HostSite
from crossbuild.errors import AuditError, RequirementsError, UsageError
from crossbuild.reporting import SilentReporter
from crossbuild.requirements.request import Request
from crossbuild.wheels.prefix_install import installed_records
from tests.unit.session_samples import make_session
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crossbuild.reporting import Reporter
    from crossbuild.session.session import Session

PACKAGES = "lib/python3.11/site-packages"


class Heard(SilentReporter):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warning(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture
def said() -> Heard:
    return Heard()


@pytest.fixture
def session(tmp_path: Path, said: Heard, monkeypatch: pytest.MonkeyPatch) -> Session:
    return make_session(tmp_path, reporter=said, monkeypatch=monkeypatch)


@pytest.fixture
def site(tmp_path: Path) -> HostSite:
    (tmp_path / "environment").mkdir()
    made = HostSite(environment=tmp_path / "environment")
    made.make()
    return made


def wheel(directory: Path, name: str, version: str, *requires: str, file: str = "") -> Path:
    """Return a wheel of ``name`` with one file."""
    content = {file or f"{name}/version_{version}.py": b""}
    return make_wheel(directory, content, tag="py3-none-any", project=f"{name}-{version}", requires=requires)


def state(site: HostSite) -> tuple[list[str], set[str]]:
    """Return what is said to be installed, and the files that are."""
    files = {str(path.relative_to(site.prefix)) for path in site.prefix.rglob("*") if path.is_file()}
    own = {path.removeprefix(f"{PACKAGES}/") for path in files if ".dist-info" not in path}
    return [f"{name}=={version}" for name, version in site.versions.items()], own


def test_another_version_takes_the_place_of_one(tmp_path: Path, site: HostSite, session: Session) -> None:
    site.install(Request(specs=(str(wheel(tmp_path, "probe", "1.0")),)), session=session)
    site.install(Request(specs=(str(wheel(tmp_path, "other", "3.0")),)), session=session)
    assert state(site) == (["other==3.0", "probe==1.0"], {"other/version_3.0.py", "probe/version_1.0.py"})
    site.install(Request(specs=(str(wheel(tmp_path, "probe", "2.0")),)), session=session)
    assert state(site) == (["other==3.0", "probe==2.0"], {"other/version_3.0.py", "probe/version_2.0.py"})
    assert {path.name for path in site.wheels.values()} == {
        path.name for path in (site.environment / "wheels").iterdir()
    }
    site.uninstall(["Probe"], session=session)
    assert state(site) == (["other==3.0"], {"other/version_3.0.py"})


def test_records_tell_what_builds_find_on_the_host(tmp_path: Path, site: HostSite, session: Session) -> None:
    """Wheels that are built with other files there come from no cache."""
    records = []
    for content in (b"1", b"2", b"2"):
        one = make_wheel(tmp_path, {"probe/data.h": content}, tag="py3-none-any", project="probe-1.0")
        site.install(Request(specs=(str(one),)), session=session)
        (record,) = installed_records(site.prefix)
        records.append(record.read_bytes())
        site.uninstall(["probe"], session=session)
        assert not installed_records(site.prefix)
    assert records[0] != records[1] == records[2]


def test_what_is_there_stays_unless_more_is_wanted(tmp_path: Path, site: HostSite, session: Session) -> None:
    for version in ("1.0", "2.0"):
        wheel(tmp_path, "probe", version)
    wheel(tmp_path, "app", "1.0", "probe")
    site.install(Request(specs=("probe<2",)), session=session)
    assert [one.name for one in site.install(Request(specs=("app",)), session=session)] == ["app", "probe"]
    assert site.versions.keys() == {"app", "probe"}
    assert str(site.versions["probe"]) == "1.0"
    site.install(Request(specs=("app",)), upgrade=True, session=session)
    assert str(site.versions["probe"]) == "1.0"
    site.install(Request(specs=("probe",)), upgrade=True, session=session)
    assert str(site.versions["probe"]) == "2.0"


def test_what_no_longer_fits_is_said(tmp_path: Path, site: HostSite, session: Session, said: Heard) -> None:
    wheel(tmp_path, "probe", "1.0")
    site.install(Request(specs=(str(wheel(tmp_path, "app", "1.0", "probe")),)), session=session)
    assert said.warnings == []
    site.uninstall(["probe"], session=session)
    assert said.warnings == ["app 1.0 requires probe: it is not there."]


def test_a_failure_changes_nothing(tmp_path: Path, site: HostSite, session: Session) -> None:
    site.install(Request(specs=(str(wheel(tmp_path, "probe", "1.0")),)), session=session)
    before = state(site)
    hostile = wheel(tmp_path, "zzz", "1.0", file="../../../../evil")
    with pytest.raises(AuditError):
        site.install(Request(specs=(str(wheel(tmp_path, "probe", "2.0")), str(hostile))), session=session)
    with pytest.raises(RequirementsError, match="absent is not installed"):
        site.uninstall(["probe", "absent"], session=session)
    with pytest.raises(UsageError, match="is not named like a wheel"):
        site.install(Request(specs=(str(tmp_path / "what.whl"),)), session=session)
    with pytest.raises(UsageError, match="not a valid requirement"):
        site.install(Request(specs=("probe=1",)), session=session)
    assert state(site) == before


@pytest.mark.parametrize("after", range(3))
def test_killed_at_any_step(
    tmp_path: Path, site: HostSite, session: Session, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was killed between two renames has either happened or not, once the next command is through."""
    site.install(Request(specs=(str(wheel(tmp_path, "probe", "1.0")),)), session=session)
    new, left = wheel(tmp_path, "probe", "2.0"), [None] * after

    def killing(rename: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def killed(path: Path, to: Path) -> Path:
            if not left:
                raise KeyboardInterrupt
            left.pop()
            return rename(path, to)

        return killed

    with monkeypatch.context() as patch:
        for name in ("rename", "replace"):
            patch.setattr(type(tmp_path), name, killing(getattr(type(tmp_path), name)))
        with pytest.raises(KeyboardInterrupt):
            site.install(Request(specs=(str(new),)), session=session)
    site.install(Request(specs=(str(wheel(tmp_path, "other", "3.0")),)), session=session)
    versions, files = state(site)
    assert (versions, files) in [
        (["other==3.0", f"probe=={version}"], {"other/version_3.0.py", f"probe/version_{version}.py"})
        for version in ("1.0", "2.0")
    ]
    assert len([*(site.environment / "wheels").iterdir()]) == 2
    site.install(Request(specs=(str(new),)), session=session)
    assert state(site)[0] == ["other==3.0", "probe==2.0"]


def test_cross_pip_ends_with_what_it_did(
    tmp_path: Path, site: HostSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def session(*_: object, reporter: Reporter, **__: object) -> Iterator[Session]:
        yield make_session(tmp_path, reporter=reporter, monkeypatch=monkeypatch)

    def last_line(*words: str) -> str:
        assert main(["cross-pip", "--env-dir", str(site.environment), *words]) == 0
        return capsys.readouterr().err.splitlines()[-1]

    monkeypatch.setattr(frontend, "environment_session", session)
    monkeypatch.chdir(tmp_path)
    wheel(tmp_path, "probe", "1.0")
    installed = last_line("install", str(wheel(tmp_path, "app", "1.0", "probe")))
    assert installed.startswith("2 packages: 2 local, in ")
    assert installed.endswith(" → environment/")
    assert last_line("uninstall", "-y", "probe", "Probe", "app") == "2 packages removed from environment/"
    assert not site.versions
