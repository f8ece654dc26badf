"""A change of a root that cannot be carried out leaves the root as it was, and in nobody's way."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.__main__ import main
from crossbuild.errors import InstallError
from crossbuild.image import plan, transaction
from crossbuild.image.transaction import STAGING, recover, roll_back
from tests.unit.image_samples import SITE, make_distribution, put, take, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.distributions import Distribution

OLD = {"probe/__init__.py": b"one\n", "probe/old.py": b"o\n", "probe/gone/x.py": b"x\n"}
NEW = {"probe/__init__.py": b"two\n", "probe/new/x.py": b"n\n", "probe/gone": b"a file\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with probe 1.0."""
    put(make_distribution(tmp_path, OLD), into=tmp_path / "root")
    return tmp_path / "root"


@pytest.fixture
def update(tmp_path: Path) -> Distribution:
    """Probe 2.0, in which a directory has become a file."""
    return make_distribution(tmp_path, NEW, project="probe-2.0")


@contextmanager
def broken_move(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """Let the ``number``-th rename of a new file, or of a saved one, fail."""
    left, move = number, plan._move

    def maybe(file: Path, final: Path) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(final))
        move(file, final)

    with monkeypatch.context() as context:
        context.setattr(plan, "_move", maybe)
        yield
    assert left <= 0


@pytest.mark.parametrize("name", ["n" * 256, "\N{CYRILLIC SMALL LETTER IO}" * 130, "/".join(["long" * 50] * 21)])
def test_a_name_that_no_directory_can_hold(root: Path, tmp_path: Path, name: str) -> None:
    before = tree(root)
    with pytest.raises(InstallError, match="File name too long"):
        put(make_distribution(tmp_path, {f"{name}.py": b""}, project="long-1.0"), into=root)
    assert tree(root) == before
    put(make_distribution(tmp_path, {"other.py": b""}, project="other-1.0"), into=root)
    take("probe", "other", out_of=root)


def test_a_directory_that_cannot_be_written(root: Path, update: Distribution, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(root)
    # Root may write everywhere, so no mode keeps it out.
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "probe")
    with pytest.raises(InstallError, match="as it was") as raised:
        put(update, into=root)
    assert f"{SITE}/probe" in raised.value.why
    assert tree(root) == before


@pytest.mark.parametrize("number", range(1, 8))
def test_a_change_that_fails_halfway_is_undone(
    number: int, root: Path, update: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(root)
    with broken_move(monkeypatch, number), pytest.raises(InstallError, match="No space left on device"):
        put(update, into=root)
    assert tree(root) == before
    put(update, into=root)
    assert (root / SITE / "probe/gone").read_bytes() == b"a file\n"


def decide(root: Path, update: Distribution, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave ``root`` as a process does that is killed as soon as the change is decided."""
    with monkeypatch.context() as context:
        context.setattr(transaction, "_carry_out", lambda _: sys.exit())
        with pytest.raises(SystemExit):
            put(update, into=root)
    assert (root / STAGING / "plan.json").exists()


def test_an_interrupted_change_that_cannot_be_finished_is_rolled_back_with_the_command_of_the_error(
    root: Path, update: Distribution, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(root)
    decide(root, update, monkeypatch)
    with broken_move(monkeypatch, 3), pytest.raises(InstallError) as raised:
        recover(root)
    assert raised.value.exit_code == 12
    assert "No space left" in raised.value.why
    command = raised.value.fix.rpartition(": crossbuild ")[2].split()
    assert command == ["rollback", str(root)]
    assert main([*command, "--cache-dir", str(root.parent / "cache")]) == 0
    assert "undone" in capsys.readouterr().err
    assert tree(root) == before
    assert main([*command, "--cache-dir", str(root.parent / "cache")]) == 0
    assert "no unfinished change" in capsys.readouterr().err


def test_a_rollback_that_is_interrupted_is_finished(
    root: Path, update: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(root)
    decide(root, update, monkeypatch)
    with broken_move(monkeypatch, 1), pytest.raises(InstallError, match="neither finished nor undone"):
        roll_back(root)
    recover(root)
    assert tree(root) == before


def test_a_damaged_plan_is_named(root: Path) -> None:
    (root / STAGING).mkdir()
    (root / STAGING / "plan.json").write_text("[1]")
    for act in (recover, roll_back):
        with pytest.raises(InstallError) as raised:
            act(root)
        assert f"{STAGING}/" in raised.value.why
        assert "is damaged" in raised.value.why
