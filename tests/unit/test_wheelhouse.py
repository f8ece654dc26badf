"""From requests to wheels in a directory, of wheels that are here: nothing is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from packaging.direct_url import DirectUrl, DirInfo
from packaging.requirements import Requirement

from crossbuild.errors import NetworkError, RequirementsError, SourceError, UsageError
from crossbuild.index.settings import redacted
from crossbuild.reporting import PlainProgressReporter, SilentReporter
from crossbuild.requirements.request import Request
from crossbuild.session.job import JobContext
from crossbuild.sources.direct import get_direct
from crossbuild.system.filesystem import sha256_of
from crossbuild.wheelhouse.make import Wheelhouse, fill_wheelhouse
from crossbuild.wheelhouse.workshop import HostWorkshop, host_wheel
from crossbuild.wheels.distribution import Distribution
from tests.unit.session_samples import make_session
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.session.session import Session
    from crossbuild.sources.project import Source
    from crossbuild.wheels.distribution import Origin


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
    board = PlainProgressReporter(reporter=session.reporter)
    wheels = list(fill_wheelhouse(request, house, session=session, progress=board))
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


@pytest.mark.parametrize(("marker", "expected"), [("== 'win32'", "deep==1.1"), ("== 'linux'", "deep==1.0")])
@pytest.mark.parametrize("by_url", [False, True])
def test_a_constraint_counts_where_its_marker_says(
    tmp_path: Path, session: Session, *, by_url: bool, marker: str, expected: str
) -> None:
    limit = f"deep @ {(tmp_path / 'deep-1.0-py3-none-any.whl').as_uri()} " if by_url else "deep<1.1"
    (tmp_path / "limits.txt").write_text(f"{limit}; sys_platform {marker}\n")
    assert fill(session, tmp_path, "app", constraints=(tmp_path / "limits.txt",)) == ["app==1.0", expected]


def test_the_hash_of_a_file_is_checked(tmp_path: Path, session: Session) -> None:
    wheel = tmp_path / "deep-1.0-py3-none-any.whl"
    assert fill(session, tmp_path, f"deep @ {wheel.as_uri()}#sha256={sha256_of(wheel)}") == ["deep==1.0"]
    with pytest.raises(NetworkError, match="does not match its hash"):
        fill(session, tmp_path, f"deep @ {wheel.as_uri()}#sha256={'0' * 64}")


def test_a_project_below_a_directory(tmp_path: Path, session: Session) -> None:
    below = tmp_path / "all/own"
    below.mkdir(parents=True)
    (below / "pyproject.toml").write_text('[project]\nname = "own"\nversion = "3"\n')
    found = get_direct(f"{below.parent.as_uri()}#subdirectory=own", index=session.services.index, into=tmp_path)
    assert found.source.directory == below
    assert found.origin.direct == DirectUrl(url=below.parent.as_uri(), dir_info=DirInfo(), subdirectory="own")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ssh://git@x.example/r", "ssh://git@x.example/r"),
        ("git+ssh://git@x.example/r#egg=a", "git+ssh://git@x.example/r"),
        ("ssh://git:secret@x.example/r", "ssh://****@x.example/r"),
        ("https://token@x.example/r", "https://****@x.example/r"),
    ],
)
def test_only_what_is_no_secret_of_an_address_is_written_down(url: str, expected: str) -> None:
    assert redacted(url) == expected


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, session: Session) -> None:
    (tmp_path / "wanted.txt").write_text("deep\ndeep >>= 1\n")
    with pytest.raises(UsageError, match=r"wanted.txt, line 2: 'deep >>= 1' is not a valid requirement"):
        fill(session, tmp_path, files=(tmp_path / "wanted.txt",))


def test_a_lock_file_has_the_hashes(tmp_path: Path, session: Session) -> None:
    fill(session, tmp_path, "app", "deep<1.1")
    lock = (tmp_path / "pylock.toml").rename(tmp_path / "pylock.old.toml")
    assert fill(session, tmp_path, files=(lock,), require_hashes=True) == ["app==1.0", "deep==1.0"]
    with pytest.raises(RequirementsError, match="There is no hash for app, deep"):
        fill(session, tmp_path, "app", require_hashes=True)
    (tmp_path / "deep-1.0-py3-none-any.whl").write_bytes(b"something else")
    with pytest.raises(NetworkError, match="does not match its hash"):
        fill(session, tmp_path, files=(lock,))


class Warnings(SilentReporter):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def warning(self, text: str) -> None:
        self.said.append(text)


def test_a_file_for_two_machines(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Places and hashes are those of the lines whose markers hold on the host."""
    monkeypatch.chdir(tmp_path)
    session = session.for_job(JobContext(reporter=(warnings := Warnings())))
    deep, app = (tmp_path / f"{name}-1.0-py3-none-any.whl" for name in ("deep", "app"))
    (tmp_path / "wanted.txt").write_text(
        f"./{deep.name} ; platform_machine == 'aarch64' --hash=sha256:{sha256_of(deep)}\n"
        f"./deep-1.1-py3-none-any.whl ; platform_machine == 'x86_64' --hash=sha256:{'0' * 64}\n"
        f"app==1.0 ; platform_machine == 'aarch64' --hash=sha256:{sha256_of(app)}\n"
        f"app==1.0 ; platform_machine == 'x86_64' --hash=sha256:{'0' * 64}\n"
        "--pre app\n"
    )
    assert fill(session, tmp_path, files=(tmp_path / "wanted.txt",)) == ["app==1.0", "deep==1.0"]
    assert warnings.said == [f"{tmp_path}/wanted.txt, line 5: app has no effect here."]


def test_settings_of_a_line_are_those_of_its_build(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def build(_: HostWorkshop, source: Source, origin: Origin, session: Session) -> Distribution:
        seen[source.directory.name] = session.job.config_settings
        return Distribution.from_wheel(tmp_path / f"{source.directory.name}-1.0-py3-none-any.whl", origin=origin)

    monkeypatch.setattr(HostWorkshop, "_build", build)
    monkeypatch.chdir(tmp_path)
    for name in ("app", "deep"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "setup.py").touch()
    (tmp_path / "wanted.txt").write_text("./app -C a=b --config-settings a=c\n./deep\n")
    session = session.with_config_settings({"of": "all"})
    assert fill(session, tmp_path, files=(tmp_path / "wanted.txt",)) == ["app==1.0", "deep==1.0"]
    assert seen == {"app": {"of": "all", "a": ["b", "c"]}, "deep": {"of": "all"}}


def test_settings_of_a_line_with_a_name(tmp_path: Path, session: Session) -> None:
    workshop = HostWorkshop(session=session, directory=tmp_path, config_settings={"app": {"a": "b"}})
    settings = [workshop._session(name).job.config_settings for name in ("app", "deep")]
    assert settings == [{"a": "b"}, {}]


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ((), "There is no project 'probe'."),
        (("probe-1.0-cp311-cp311-win32.whl",), "'probe' has no sdist, only wheels."),
        (("probe-1.0-cp311-cp311-win32.whl", "probe-1.1.tar.gz"), "No sdist fits 'probe==1.0'."),
    ],
)
def test_a_host_requirement_that_cannot_be_built(
    listed: tuple[str, ...], said: str, tmp_path: Path, session: Session
) -> None:
    for name in listed:
        (tmp_path / name).touch()
    with pytest.raises(SourceError) as caught:
        host_wheel(session, Requirement("probe==1.0"), may_build=True)
    assert caught.value.what == said
    assert host_wheel(session, Requirement("probe==1.0"), may_build=False) is None


def test_a_host_requirement_of_which_there_is_a_wheel(session: Session) -> None:
    found = host_wheel(session.for_host_requirement("deep"), Requirement("Deep==1.0"), may_build=True)
    assert found
    assert (found.wheel.name, found.report) == ("deep-1.0-py3-none-any.whl", None)


def test_a_host_requirement_that_needs_itself(tmp_path: Path, session: Session) -> None:
    (tmp_path / "probe-1.0.tar.gz").touch()
    session = session.for_host_requirement("probe").for_host_requirement("deep")
    with pytest.raises(RequirementsError) as caught:
        host_wheel(session, Requirement("Probe==1.0"), may_build=True)
    assert caught.value.what == "To build Probe for the host, Probe is needed for the host."
    assert caught.value.why == "Each is a build requirement of the one before: probe, deep, probe."
