"""The gate: whichever way a wheel comes, a wrong one is neither delivered nor installed."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from packaging.version import Version

from crossbuild.__main__ import main
from crossbuild.building.overlay.needs import HostNeed
from crossbuild.building.overlay.provide import lay_host_copies
from crossbuild.environments.host_site import HostSite
from crossbuild.errors import AuditError, InstallError
from crossbuild.reporting import SilentReporter
from crossbuild.requirements.request import Request
from crossbuild.wheelhouse.workshop import host_wheel
from crossbuild.wheels.check import check_wheel
from crossbuild.wheels.distribution import Distribution
from crossbuild.wheels.findings import RefusedWheelError
from tests.json_reference import documented, members
from tests.unit.index_server import serve
from tests.unit.session_samples import make_build_venv, make_session, set_host
from tests.unit.wheel_samples import SUFFIX, make_elf, make_host, make_wheel
from tests.wrong_wheels import GROUPS, WRONG_WHEELS
from tests.wrong_wheels.changes import ABOUT, ANY, MODULE, foreign, pure, rewritten, with_record, without_hashes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.session.session import Session
    from crossbuild.wheels.findings import WheelFinding

HOST = make_host(libc="glibc 2.36")
SOME = ("foreign code", "a wrong hash", "an unlisted file")
"""Faults that no resolver sees."""


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    (tmp_path / "shelf").mkdir()
    return tmp_path / "shelf"


@pytest.fixture
def session(tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.chdir(tmp_path)
    return make_session(shelf, reporter=SilentReporter(), monkeypatch=monkeypatch)


@pytest.fixture
def run(session: Session, tmp_path: Path, shelf: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Return what runs a command for the host, with the shelf as the only index, and returns its code and words."""

    cache = ["--cache-dir", str(session.services.cache.root)]

    def run(*words: str, index: str = "") -> tuple[int, str, str]:
        place = ["--index-url", index] if index else ["--no-index", "-f", str(shelf)]
        into = ["--root", "root"] if words[0] == "install" else ["-w", "out"]
        code = main([*words, "--host", "linux_aarch64", *place, *into, *cache])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def delivered(directory: Path) -> list[str]:
    """Return all that is in the wheel directory and the root."""
    return sorted(path.name for place in ("out", "root") for path in (directory / place).rglob("*") if path.is_file())


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[WheelFinding]:
    """What the gate found since the list was cleared."""
    findings: list[WheelFinding] = []

    def check(*words: Any, **more: Any) -> object:
        try:
            report = check_wheel(*words, **more)
        except RefusedWheelError as error:
            findings.extend(error.findings)
            raise
        findings.extend(report.findings)
        return report

    monkeypatch.setattr("crossbuild.wheels.check.check_wheel", check)
    return findings


@pytest.mark.parametrize("command", ["wheel", "install"])
@pytest.mark.parametrize("group", GROUPS)
def test_no_wrong_wheel_is_used_without_a_word(
    command: str,
    group: str,
    run: Callable[..., Any],
    found: list[WheelFinding],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What published wheels often have is a warning here, though it is an error of a check."""
    for number, kind in enumerate(GROUPS[group]):
        directory = tmp_path / str(number)
        directory.mkdir()
        monkeypatch.chdir(directory)
        set_host(kind.host, monkeypatch)
        found.clear()
        code, out, err = run(command, str(kind.make(directory)), "--no-deps")
        ids = {finding.id for finding in found}
        assert kind.findings & ids, f"{kind.name}: {err}"
        assert (code, bool(out), bool(delivered(directory))) in {(8, False, False), (0, True, True)}, kind.name
        assert ("error: " if code else "warning: ") in err, kind.name
        assert kind.says in err or " findings, such as " in err or kind.unread in ids, f"{kind.name}: {err}"


WAIVABLE = [kind.name for group in GROUPS.values() for kind in group if kind.finding != "malformed-wheel"]
ONE_OF_EACH_RULE = {WRONG_WHEELS[name].finding: name for name in reversed(WAIVABLE)}


@pytest.mark.parametrize("rule", ONE_OF_EACH_RULE)
def test_what_the_audit_refuses_is_used_if_the_user_waives_it(
    rule: str, run: Callable[..., Any], shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = WRONG_WHEELS[ONE_OF_EACH_RULE[rule]]
    set_host(kind.host, monkeypatch)
    wheel = kind.make(shelf)
    code, out, err = run("install", str(wheel), "--no-deps")
    if code:
        assert (code, out, delivered(tmp_path)) == (8, "", [])
        assert f"{wheel.name} was refused" in err
        assert "--no-check probe" in err
    code, out, err = run("install", str(wheel), "--no-deps", "--no-check", "Probe")
    assert code == 0
    assert "warning: " in err
    assert kind.says in err
    assert delivered(tmp_path)


@pytest.mark.parametrize("command", ["wheel", "install"])
def test_what_the_user_ignores_is_used_without_a_word(
    command: str, run: Callable[..., Any], shelf: Path, tmp_path: Path
) -> None:
    wheel = str(foreign(shelf))
    assert run(command, wheel, "--no-deps", "--ignore", "wrong-float-abi")[0] == 8
    code, _, err = run(command, wheel, "--no-deps", "--ignore", "wrong-machine")
    assert (code, "wrong-machine" in err) == (0, False)
    assert delivered(tmp_path)


@pytest.mark.parametrize(
    "group", [name for name, kinds in GROUPS.items() if "malformed-wheel" in {kind.finding for kind in kinds}]
)
def test_a_malformed_wheel_is_refused_whatever_the_user_waives(
    group: str, run: Callable[..., Any], shelf: Path, tmp_path: Path
) -> None:
    kind = next(kind for kind in GROUPS[group] if kind.finding == "malformed-wheel")
    wheel = kind.make(shelf)
    code, out, err = run("wheel", str(wheel), "--no-check", "probe")
    assert (code, out, delivered(tmp_path)) == (8, "", [])
    assert f"error: {wheel.name} was refused: it is not a well-formed wheel." in err
    assert kind.says in err
    assert "Traceback" not in err
    assert "To use the wheel anyway" not in err


@pytest.mark.parametrize("command", ["wheel", "install"])
@pytest.mark.parametrize("door", ["path", "file URL", "name @ URL", "find-links", "lock", "index", "cache"])
@pytest.mark.parametrize("fault", SOME[:2])
def test_every_door_is_guarded(
    command: str, door: str, fault: str, run: Callable[..., Any], shelf: Path, tmp_path: Path
) -> None:
    wheel = WRONG_WHEELS[fault].make(shelf)
    words = {"path": str(wheel), "file URL": wheel.as_uri(), "name @ URL": f"probe @ {wheel.as_uri()}"}
    named = [words.get(door, "probe"), "--only-binary", "probe"]
    if door == "lock":
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        file = f'{{name = "{wheel.name}", url = "{wheel.as_uri()}", hashes = {{sha256 = "{digest}"}}}}'
        lock = tmp_path / "pylock.toml"
        lock.write_text(
            'lock-version = "1.0"\ncreated-by = "a test"\n[[packages]]\n'
            f'name = "probe"\nversion = "1.0"\nwheels = [{file}]\n'
        )
        named = ["-r", str(lock)]
    if door in {"index", "cache"}:
        with serve() as server:
            server.add(wheel.name, project="probe", content=wheel.read_bytes())
            code, out, err = run(command, *named, index=server.index)
            if door == "cache":
                code, out, err = run(command, *named, "--offline", index=server.index)
    else:
        code, out, err = run(command, *named)
    assert (code, out, delivered(tmp_path)) == (8, "", [])
    assert WRONG_WHEELS[fault].says in err


@pytest.mark.parametrize("fault", SOME)
def test_the_host_site_is_guarded(fault: str, session: Session, shelf: Path, tmp_path: Path) -> None:
    (tmp_path / "environment").mkdir()
    site = HostSite(environment=tmp_path / "environment")
    site.make()
    with pytest.raises(AuditError, match="was refused"):
        site.install(Request(specs=(str(WRONG_WHEELS[fault].make(shelf)),)), session=session)
    assert not site.versions


@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize("fault", SOME)
def test_what_is_compiled_against_is_guarded(
    fault: str, session: Session, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, built: bool
) -> None:
    wheel = WRONG_WHEELS[fault].make(shelf)
    kept = wheel.rename(tmp_path / wheel.name) if built else wheel
    there = Distribution.from_wheel(kept)
    wheels: Any = (lambda *_, **__: there) if built else partial(host_wheel, session)
    need = HostNeed(name="probe", version=Version("1.0"), interface=())
    monkeypatch.setattr("crossbuild.building.overlay.provide.find_needs", lambda *_: (need,))
    with pytest.raises(AuditError, match="was refused"):
        lay_host_copies(make_build_venv(tmp_path), host=HOST, session=session, demanded={"probe"}, wheels=wheels)


def test_one_that_is_refused_leaves_the_others(run: Callable[..., Any], shelf: Path, tmp_path: Path) -> None:
    good = make_wheel(shelf, MODULE, tag=ANY, project="good-1.0")
    code, out, err = run("wheel", str(good), str(foreign(shelf)))
    assert (code, out) == (8, f"out/{good.name}\n")
    assert delivered(tmp_path) == [good.name]
    assert "is x86_64 code" in err
    assert run("install", str(good), str(foreign(shelf)))[0] == 8
    assert not (tmp_path / "root").exists()


def test_what_is_waived_is_in_every_report(run: Callable[..., Any], shelf: Path, tmp_path: Path) -> None:
    good, bad = make_wheel(shelf, MODULE, tag=ANY, project="good-1.0"), foreign(shelf)
    code, out, err = run("wheel", str(bad), "--no-check", "probe")
    assert (code, out) == (0, f"out/{bad.name}\n")
    assert "--no-check: 1 waived" in err
    printed = json.loads(run("wheel", str(bad), str(good), "--no-check", "probe", "--json")[1])
    assert {one["name"]: len(one["waived"]) for one in printed["wheels"]} == {"good": 0, "probe": 1}
    assert members(printed) <= members(documented("wheel")) | {"sha256"}
    words = ("install", str(bad), str(good), "--no-check", "probe", "--manifest", "m.json", "--sbom", "s.json")
    printed = json.loads(run(*words, "--json")[1])
    assert {one["name"]: len(one["waived"]) for one in printed["installed"]} == {"good": 0, "probe": 1}
    _, _, err = run(*words)
    assert "probe 1.0 was installed with --no-check, though it has one problem." in err
    # Whoever looks at the image later sees it, too.
    assert run("install", str(good), "--manifest", "m.json", "--sbom", "s.json")[0] == 0
    packages = {one["name"]: one["waived"] for one in json.loads((tmp_path / "m.json").read_text())["packages"]}
    assert packages["good"] == []
    assert "is x86_64 code" in packages["probe"][0]
    components = {one["name"]: one for one in json.loads((tmp_path / "s.json").read_text())["components"]}
    assert "properties" not in components["good"]
    (told,) = components["probe"]["properties"]
    assert told["name"] == "crossbuild:no-check"
    assert "is x86_64 code" in told["value"]


def test_the_users_configuration_waives(run: Callable[..., Any], shelf: Path, tmp_path: Path) -> None:
    (tmp_path / "crossbuild.toml").write_text("[packages.probe]\nno-check = true\n")
    code, _, err = run("wheel", str(foreign(shelf)))
    assert code == 0
    assert "is x86_64 code" in err


def test_a_name_that_waives_nothing_is_said(run: Callable[..., Any], shelf: Path) -> None:
    code, _, err = run("wheel", str(pure(shelf)), "--no-check", "prob")
    assert code == 0
    assert "warning: --no-check prob has no effect" in err
    assert run("wheel", str(pure(shelf)), "--no-check", "a b")[0] == 2


@pytest.mark.parametrize("command", ["wheel", "install"])
def test_what_is_used_is_what_was_audited(
    command: str, run: Callable[..., Any], shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel, other = pure(shelf), foreign(tmp_path)

    def check_and_replace(checked: Path, *rest: Any, **more: Any) -> object:
        report = check_wheel(checked, *rest, **more)
        shutil.copyfile(other, checked)
        return report

    monkeypatch.setattr("crossbuild.wheels.check.check_wheel", check_and_replace)
    code, _, err = run(command, str(wheel))
    assert (code, delivered(tmp_path)) == (8, [])
    assert "it changed after the check" in err


FOREIGN = make_elf("x86_64")
PUBLISHED: dict[str, Callable[[Path], Path]] = {
    "a library of another machine": lambda at: make_wheel(
        at, {"probe/attach_amd64.so": FOREIGN}, tag="py2.py3-none-any"
    ),
    "an extension of each machine": lambda at: make_wheel(
        at,
        {f"probe/{one}/run.so": make_elf(one, defines=["PyInit_run"]) for one in ("x86_64", "aarch64")},
        tag=ANY,
    ),
    "a search path of its builder": lambda at: make_wheel(
        at, {f"probe/x{SUFFIX}": make_elf(defines=["PyInit_x"], rpath="/opt/_internal/lib")}
    ),
    "tags of the wheel before it was repaired": lambda at: make_wheel(at, MODULE, stated=[ANY]),
    "no tags in WHEEL": lambda at: make_wheel(at, MODULE, stated=[]),
    "old metadata": lambda at: make_wheel(at, MODULE, tag="py2.py3-none-any", headers=["Metadata-Version: 2.0"]),
    "signatures": lambda at: make_wheel(
        at, MODULE, tag=ANY, unrecorded={f"{ABOUT}/RECORD.jws": b"{}", f"{ABOUT}/RECORD.p7s": b""}
    ),
    "no hash in RECORD": lambda at: without_hashes(pure(at)),
    "directories": lambda at: rewritten(pure(at), more={"probe/": b"", "probe/deep/": b""}),
    "directories in RECORD": lambda at: with_record(pure(at), b"probe/__init__.py,", b"probe/,,\nprobe/__init__.py,"),
    "every kind of data": lambda at: make_wheel(
        at,
        {
            f"probe-1.0.data/{kind}/{kind}": b"#!python\n"
            for kind in ("purelib", "platlib", "headers", "scripts", "data")
        },
    ),
    "extras of scripts": lambda at: pure(at, entry_points=b"[console_scripts]\nprobe-x = probe.a:b.c [more]\n"),
    "other entry points": lambda at: pure(at, entry_points=b"[other.things]\na/b = probe\n"),
    "code for other processors": lambda at: make_wheel(
        at, {"probe/run.o": make_elf(kind="ET_REL")[:18] + (247).to_bytes(2, "little") + make_elf(kind="ET_REL")[20:]}
    ),
    "a name in UTF-8": lambda at: make_wheel(at, {"probe/é.txt": b""}, tag=ANY),
}


@pytest.mark.parametrize("kind", PUBLISHED)
def test_what_published_wheels_have_is_put_up_with(
    kind: str, run: Callable[..., Any], shelf: Path, tmp_path: Path
) -> None:
    code, _, err = run("install", str(PUBLISHED[kind](shelf)))
    assert code == 0, err
    assert delivered(tmp_path)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EDQUOT, "Your disk quota is used up"),
        (errno.EROFS, "The file system is read-only"),
        (errno.EACCES, "Permission denied"),
        (errno.EMFILE, "Too many files are open"),
    ],
)
def test_what_the_system_refuses_is_not_the_wheels_fault(
    number: int, said: str, run: Callable[..., Any], shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "as the system says it")

    wheel = pure(shelf)
    with monkeypatch.context() as patch:
        patch.setattr("crossbuild.image.staged.shutil.copyfileobj", refuse)
        code, _, err = run("install", str(wheel))
    assert code == InstallError.exit_code
    assert f"error: {said}" in err
    assert str(tmp_path / "root") in err
    assert "hint: " in err
    with monkeypatch.context() as patch:
        patch.setattr("crossbuild.wheelhouse.gate.shutil.copyfile", refuse)
        code, _, err = run("wheel", str(wheel))
    assert (code, delivered(tmp_path)) == (1, [])
    assert f"error: {said}" in err
    for text in ("malicious", "hostile", "well-formed", "Traceback"):
        assert text not in err


def test_a_wheel_that_cannot_be_opened_is_not_malformed(
    run: Callable[..., Any], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: Path, *_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(file))

    wheel = pure(shelf)
    monkeypatch.setattr("crossbuild.wheels.archive.zipfile.ZipFile", refuse)
    code, _, err = run("wheel", str(wheel), "--no-deps")
    assert code == 1
    assert f"error: Permission denied: '{wheel}'" in err


@pytest.mark.parametrize("form", ["{}", "probe @ {}"])
def test_a_url_of_something_that_is_not_named_like_a_wheel(form: str, run: Callable[..., Any], shelf: Path) -> None:
    url = pure(shelf).rename(shelf / "probe.whl").as_uri()
    code, _, err = run("wheel", form.format(url))
    assert code == 2
    assert "error: 'probe.whl' is not a valid name of a wheel." in err
