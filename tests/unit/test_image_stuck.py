"""A change of a root that cannot be carried out leaves the root as it was, and in nobody's way."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.__main__ import main
from crossbuild.errors import InstallError
from crossbuild.image import renames, transaction
from crossbuild.image.renames import STAGING, Plan
from crossbuild.image.transaction import recover, roll_back, staging
from tests.unit.image_samples import SITE, files_of, make_distribution, put, take, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crossbuild.image.renames import Change
    from crossbuild.wheels.distribution import Distribution

OLD = {"probe/__init__.py": b"one\n", "probe/old.py": b"o\n", "probe/gone/x.py": b"x\n"}
NEW = {"probe/__init__.py": b"two\n", "probe/new/x.py": b"n\n", "probe/gone": b"a file\n"}


apart = pytest.mark.parametrize("root", ["", SITE, f"{SITE}/probe"], indirect=True)
"""Of the root, nothing or one directory is on another file system."""


@pytest.fixture
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with probe 1.0."""
    place = tmp_path / "root" / getattr(request, "param", "")
    monkeypatch.setattr(renames, "_is_apart", lambda directory, _: directory == place)
    put(make_distribution(tmp_path, OLD), into=tmp_path / "root")
    # The directory is removed, and must come back as it was.
    (tmp_path / "root" / SITE / "probe/gone").chmod(0o2750)
    return tmp_path / "root"


@pytest.fixture
def before(root: Path) -> dict[str, bytes | str]:
    return tree(root)


@pytest.fixture
def update(tmp_path: Path) -> Distribution:
    """Probe 2.0, in which a directory has become a file."""
    return make_distribution(tmp_path, NEW, project="probe-2.0")


@pytest.fixture
def unfinished(
    root: Path, before: dict[str, bytes | str], update: Distribution, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The root after a kill when all files were in their places, but the plan was still there."""
    with monkeypatch.context() as context:
        context.setattr(transaction, "recover", lambda _: None)
        unlink = Path.unlink
        context.setattr(
            Path, "unlink", lambda file, **how: sys.exit() if file.name == "plan.json" else unlink(file, **how)
        )
        with pytest.raises(SystemExit):
            put(update, into=root)
    assert (root / SITE / "probe/gone").read_bytes() == b"a file\n"
    assert before != tree(root)
    return root


def failures(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> Iterator[InstallError]:
    """Yield how ``work`` fails if its first rename of a file does, then the second, and so on until it succeeds."""
    for number in count(1):
        with monkeypatch.context() as context:
            context.setattr(os, "rename", failing(number))
            try:
                work()
            except InstallError as error:
                failure = error
            else:
                assert number > 5
                return
        assert "Input/output error" in f"{failure.what} {failure.why}"
        yield failure


def failing(number: int) -> Callable[[Path, Path], None]:
    left, rename = number, os.rename

    def maybe(file: Path, final: Path) -> None:
        nonlocal left
        left -= os.path.lexists(file)
        if left == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(final))
        rename(file, final)

    return maybe


@pytest.mark.parametrize(
    "name",
    [
        "n" * 256,
        "\N{CYRILLIC SMALL LETTER IO}" * 130,
        f"{'d' * 256}/x",
        f"new/{'n' * 256}",
        "/".join(["long" * 50] * 21),
    ],
)
def test_a_name_that_no_directory_can_hold(
    root: Path, before: dict[str, bytes | str], tmp_path: Path, name: str
) -> None:
    with pytest.raises(InstallError, match="Nothing was installed") as raised:
        put(make_distribution(tmp_path, {f"{name}.py": b""}, project="long-1.0"), into=root)
    assert "File name too long" in raised.value.why
    assert tree(root) == before
    put(make_distribution(tmp_path, {"other.py": b""}, project="other-1.0"), into=root)
    take("probe", "other", out_of=root)


def test_the_longest_name_that_a_directory_can_hold(root: Path, tmp_path: Path) -> None:
    put(make_distribution(tmp_path, {f"{'n' * 252}.py": b""}, project="long-1.0"), into=root)
    take("long", out_of=root)


def test_a_directory_that_cannot_be_written(
    root: Path, before: dict[str, bytes | str], update: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write everywhere, so no mode keeps it out.
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "probe")
    with pytest.raises(InstallError, match="Nothing was installed") as raised:
        put(update, into=root)
    assert raised.value.why == f"{root / SITE}/probe is not writable."
    with pytest.raises(InstallError, match="Nothing was removed"):
        take("probe", out_of=root)
    assert tree(root) == before


@pytest.mark.parametrize(("name", "cause"), [("n" * 256, "A path is too long"), ("file/root", "Not a directory")])
def test_a_root_that_cannot_be_made(tmp_path: Path, name: str, cause: str) -> None:
    (tmp_path / "file").write_text("")
    with ExitStack() as stack, pytest.raises(InstallError, match=cause):
        stack.enter_context(staging(tmp_path / name))


@pytest.mark.parametrize("directory", ["probe/name", "probe/gone/inside"])
def test_an_empty_directory_where_a_file_goes(
    root: Path, before: dict[str, bytes | str], tmp_path: Path, directory: str
) -> None:
    (root / SITE / directory).mkdir()
    with pytest.raises(InstallError) as raised:
        put(make_distribution(tmp_path, {"probe/name": b"", "probe/gone": b""}, project="probe-1.1"), into=root)
    assert "is a directory in the root" in raised.value.why
    (root / SITE / directory).rmdir()
    assert tree(root) == before


def test_a_file_that_appears_meanwhile_stays(
    root: Path, before: dict[str, bytes | str], update: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two names of a wheel that are the same to the root's file system look like that, too."""
    prepare, late = Plan.prepare, f"{SITE}/probe/gone/late.py"

    def and_late(self: Plan, root: Path, change: Change) -> None:
        prepare(self, root, change)
        (root / late).write_bytes(b"late\n")

    monkeypatch.setattr(Plan, "prepare", and_late)
    with pytest.raises(InstallError, match="File exists") as raised:
        put(update, into=root)
    assert raised.value.why == f"{root} is as it was."
    assert tree(root) == {**before, late: b"late\n"}


@apart
def test_a_change_that_fails_halfway_is_undone(
    root: Path, before: dict[str, bytes | str], update: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error in failures(monkeypatch, lambda: put(update, into=root)):
        assert error.why == f"{root} is as it was."
        assert tree(root) == before
    assert f"{SITE}/probe/gone" in files_of(root)


def test_the_error_names_the_command_that_rolls_back(
    before: dict[str, bytes | str],
    unfinished: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as context:
        context.setattr(os, "rename", failing(1))
        with pytest.raises(InstallError, match="cannot be undone") as raised:
            recover(unfinished)
    assert raised.value.exit_code == 12
    words = raised.value.fix.rpartition(": crossbuild ")[2].split()
    assert words == ["rollback", str(unfinished)]
    assert main([*words, "--cache-dir", str(unfinished.parent / "cache")]) == 0
    assert "undone" in capsys.readouterr().err
    assert tree(unfinished) == before
    assert main([*words, "--cache-dir", str(unfinished.parent / "cache"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"rolled_back": False, "error": None}


@apart
def test_a_rollback_that_fails_halfway_is_finished(
    before: dict[str, bytes | str], unfinished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare = shutil.copytree(unfinished, unfinished.with_name("spare"))

    def fail() -> None:
        shutil.rmtree(unfinished)
        roll_back(shutil.copytree(spare, unfinished))

    for error in failures(monkeypatch, fail):
        assert "cannot be undone" in error.what
        recover(unfinished)
        assert tree(unfinished) == before
    assert tree(unfinished) == before


def test_the_next_change_undoes_an_unfinished_one_first(unfinished: Path, tmp_path: Path) -> None:
    put(make_distribution(tmp_path, {"other.py": b""}, project="other-1.0"), into=unfinished)
    assert (unfinished / SITE / "probe/old.py").read_bytes() == b"o\n"
    take("probe", "other", out_of=unfinished)
    assert not files_of(unfinished)


def test_a_change_of_an_older_crossbuild(tmp_path: Path, update: Distribution) -> None:
    """It had removed and replaced files, and could not go on."""
    root = tmp_path / "root"
    put(make_distribution(tmp_path, {"other/x.py": b"x\n"}, project="other-1.0"), into=root)
    before = tree(root)
    put(make_distribution(tmp_path, OLD), into=root)
    files = sorted(files_of(root) - before.keys())
    (root / SITE / "probe/old.py").unlink()
    facts = {"writes": {**dict.fromkeys(files, "0/0"), f"{SITE}/probe/{'n' * 256}": "0/1"}}
    (root / STAGING / "new/0").mkdir(parents=True)
    (root / STAGING / "plan.json").write_text(json.dumps({**facts, "removals": [files[-1]], "kept": [SITE]}))
    with pytest.raises(InstallError, match="An older crossbuild") as raised:
        put(update, into=root)
    assert "the rest of probe" in raised.value.fix
    assert raised.value.fix.endswith(f": crossbuild rollback {root}")
    assert roll_back(root)
    assert tree(root) == before
    put(update, into=root)


@pytest.mark.parametrize("name", ["plan.json", "apart.json"])
@pytest.mark.parametrize("text", ["[1]", "{", "\xff", "[" * 100_000])
def test_a_damaged_plan_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / STAGING).mkdir()
    (tmp_path / STAGING / name).write_text(text, encoding="latin-1")
    for act in (recover, roll_back):
        with pytest.raises(InstallError, match="cannot be undone") as raised:
            act(tmp_path)
        assert f"{tmp_path / STAGING}/{name} is damaged" in raised.value.why


WRITES: dict[str, object] = {"writes": {}, "saved": {}, "made": [], "emptied": {}}
OLDER: dict[str, object] = {"writes": {}, "removals": [], "kept": []}


@pytest.mark.parametrize(
    "facts",
    [
        {**WRITES, "writes": {"a": 1}},
        {**WRITES, "saved": [["a", "b"]]},
        {**WRITES, "made": "ab"},
        {**WRITES, "made": [{}]},
        {**WRITES, "emptied": {"a": "b"}},
        {**OLDER, "removals": [1]},
        {**OLDER, "kept": [[]]},
    ],
)
def test_a_plan_of_something_else_is_damaged(tmp_path: Path, facts: dict[str, object]) -> None:
    leave(tmp_path, facts)
    with pytest.raises(InstallError, match="cannot be undone") as raised:
        roll_back(tmp_path)
    assert "plan.json is damaged" in raised.value.why


@pytest.mark.parametrize(
    "steps",
    [
        {"saved": {"link": "place", "link/file": "new"}},
        {"writes": {"place": "link"}, "saved": {"link/file": "new"}},
        {"writes": {"place": "link"}, "saved": {"other": "link/file"}},
        {"writes": {"place": "link"}, "made": ["link/empty"]},
        {"writes": {"place": "link"}, "emptied": {"link": 0o777}},
    ],
)
def test_no_step_of_an_image_s_plan_leads_out_of_it(tmp_path: Path, steps: dict[str, object]) -> None:
    """An image may come from anybody. Here one step makes the link that the next would follow."""
    outside, root = tmp_path / "outside", tmp_path / "root"
    (outside / "empty").mkdir(parents=True, mode=0o700)
    (outside / "file").write_text("theirs")
    leave(root, {**WRITES, **steps})
    (root / "place").symlink_to(outside)
    (root / "new").write_text("not theirs")
    before, mode = tree(outside), outside.stat().st_mode
    with pytest.raises(InstallError, match="cannot be undone") as raised:
        roll_back(root)
    assert "outside of the root" in raised.value.why
    assert tree(outside) == before
    assert outside.stat().st_mode == mode


def leave(root: Path, facts: dict[str, object]) -> None:
    (root / STAGING).mkdir(parents=True)
    (root / STAGING / "plan.json").write_text(json.dumps(facts))
