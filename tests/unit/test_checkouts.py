"""Git answers in the copy that is built as it does in the project's own directory, which stays as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.sources.surroundings import Tree
from tests.unit.checkout_samples import ENVIRON, build, files_of, git, repository, write

if TYPE_CHECKING:
    from collections.abc import Callable


def clone(tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", repository(tmp_path / "origin"), "tree")
    return tmp_path / "tree"


def worktree(tmp_path: Path) -> Path:
    git(repository(tmp_path / "main"), "worktree", "add", "-q", "../tree", "v1.2.3")
    return tmp_path / "tree"


def worktree_of_a_bare_repository(tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", "--bare", repository(tmp_path / "origin"), "all/.bare")
    (tmp_path / "all/.git").write_text("gitdir: ./.bare\n")
    git(tmp_path / "all", "worktree", "add", "-q", "tree")
    return tmp_path / "all/tree"


def worktree_of_a_part(tmp_path: Path) -> Path:
    """One with settings of its own."""
    tree = worktree(tmp_path)
    git(tree, "sparse-checkout", "set", "core", "python")
    return tree


def submodule(tmp_path: Path) -> Path:
    repository(tmp_path / "origin")
    git(repository(tmp_path / "above"), "submodule", "add", "-q", tmp_path / "origin", "deep/tree")
    return tmp_path / "above/deep/tree"


def submodule_of_a_part(tmp_path: Path) -> Path:
    tree = submodule(tmp_path)
    git(tree, "sparse-checkout", "set", "core", "python")
    return tree


def separate_data(tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", "--separate-git-dir", "data", repository(tmp_path / "origin"), "tree")
    return tmp_path / "tree"


def shallow_clone(tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", "--depth=1", repository(tmp_path / "origin").as_uri(), "tree")
    return tmp_path / "tree"


def clone_with_alternates(tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", "--shared", repository(tmp_path / "origin"), "tree")
    (tmp_path / "tree/.git/objects/info/alternates").write_text("../../../origin/.git/objects\n")
    return tmp_path / "tree"


def link_to_data(tmp_path: Path) -> Path:
    tree = repository(tmp_path / "tree")
    (tree / ".git").rename(tmp_path / "data")
    (tree / ".git").symlink_to("../data")
    return tree


def packed(tmp_path: Path) -> Path:
    tree = repository(tmp_path / "tree")
    git(tree, "gc", "-q")
    return tree


def untracked_cache(tmp_path: Path) -> Path:
    tree = repository(tmp_path / "tree")
    git(tree, "update-index", "--force-untracked-cache")
    git(tree, "status")
    return tree


def split_index(tmp_path: Path) -> Path:
    tree = repository(tmp_path / "tree")
    git(tree, "update-index", "--split-index")
    return tree


LAYOUTS = [
    *(clone, worktree, worktree_of_a_bare_repository, worktree_of_a_part, submodule, submodule_of_a_part),
    *(separate_data, shallow_clone, clone_with_alternates, link_to_data, packed, split_index, untracked_cache),
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_git_answers_as_in_place(tmp_path: Path, layout: Callable[[Path], Path]) -> None:
    tree = layout(tmp_path)
    questions = [
        ("describe", "--dirty", "--tags", "--always", "--long"),
        ("status", "--porcelain"),
        ("ls-files", "--stage"),
        ("log", "-1", "--format=%H %cI"),
        ("rev-parse", "--is-shallow-repository", "--abbrev-ref", "HEAD"),
    ]
    before = files_of(tmp_path)
    copy = build(tree / "python", tmp_path / "build").directory
    top = Path(git(copy, "rev-parse", "--show-toplevel"))
    assert top == copy.parent
    assert (top / ".git").is_dir(), "some tools look for no more"
    answers = [git(top, *question) for question in questions]
    git(top, "diff-index", "--quiet", "HEAD")
    assert "1.2.3" in answers[0] or layout is shallow_clone
    write(copy, {"more.py": "", "pyproject.toml": "changed"})
    git(top, "add", "--all")
    git(top, "commit", "-q", "-m", "A build of the project makes a commit")
    git(top, "tag", "built")
    shutil.rmtree(tmp_path / "build")
    assert files_of(tmp_path) == before
    assert answers == [git(tree, *question) for question in questions]


def test_a_build_may_check_out_submodules_and_install_hooks(tmp_path: Path) -> None:
    for name in ("origin1", "origin2"):
        repository(tmp_path / name)
        git(tmp_path / name, "branch", "-f", "main")
    tree = repository(tmp_path / "tree")
    for number in (1, 2):
        git(tree, "submodule", "add", "-q", tmp_path / f"origin{number}", f"part{number}")
    git(tree, "commit", "-q", "-m", "Parts")
    git(tree, "submodule", "deinit", "-q", "part2")
    (tree / ".git/hooks").mkdir(exist_ok=True)
    before = files_of(tmp_path)
    copy = build(tree / "python", tmp_path / "build").directory.parent
    git(copy, "submodule", "update", "-q", "--init", "--recursive")
    write(copy, {".git/hooks/pre-commit": "#!/bin/sh\n"})
    assert (copy / "part2/core/core.c").is_file()
    assert git(copy, "status", "--porcelain") == ""
    shutil.rmtree(tmp_path / "build")
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("layout", [clone, worktree, submodule], ids=lambda layout: layout.__name__)
def test_changes_that_are_not_committed_stay_changes(tmp_path: Path, layout: Callable[[Path], Path]) -> None:
    tree = layout(tmp_path)
    write(tree, {"core/core.c": "int b;", "python/new.py": ""})
    git(tree, "rm", "-q", "README.md")
    copy = build(tree / "python", tmp_path / "build").directory.parent
    assert git(copy, "describe", "--dirty", "--tags") == "v1.2.3-dirty"
    assert git(copy, "status", "--porcelain") == git(tree, "status", "--porcelain")
    assert (copy / "core/core.c").read_text() == "int b;"


def test_filters_of_git_are_not_needed_to_see_that_nothing_changed(tmp_path: Path) -> None:
    """Those of Git LFS may not be installed."""
    tree = repository(tmp_path / "tree", {".gitattributes": "*.c filter=none\n"})
    for when in ("clean", "smudge"):
        git(tree, "config", f"filter.none.{when}", "no-such-program")
    git(tree, "config", "filter.none.required", "true")
    copy = build(tree / "python", tmp_path / "build").directory
    assert git(copy, "describe", "--dirty", "--tags") == "v1.2.3"


def test_a_repository_may_belong_to_somebody_else(tmp_path: Path) -> None:
    """Git itself refuses that, and says so in the environment of its own tests, too."""
    tree = repository(tmp_path / "tree", {".gitignore": "/build/\n"})
    write(tree, {"build/large": ""})
    script = write(tmp_path, {"bin/git": f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 {shutil.which("git")} "$@"\n'})
    (script / "bin/git").chmod(0o755)
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    refused = subprocess.run(["git", "status"], cwd=tree, env={**ENVIRON, "PATH": path}, check=False)
    assert refused.returncode
    copy = build(tree / "python", tmp_path / "build", {**ENVIRON, "PATH": path})
    assert copy.left_out == ("../build is ignored by git",)


def test_a_hook_of_another_repository_may_start_crossbuild(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree", {".gitignore": "/build/\n"})
    write(tree, {"build/large": ""})
    other = repository(tmp_path / "other")
    of_hook = {"GIT_DIR": f"{other}/.git", "GIT_INDEX_FILE": f"{other}/.git/index", "GIT_WORK_TREE": str(other)}
    assert build(tree / "python", tmp_path / "build", ENVIRON | of_hook).left_out == ("../build is ignored by git",)


def test_without_git_everything_is_copied(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree", {".gitignore": "/build/\n"})
    write(tree, {"build/file": ""})
    copy = build(tree / "python", tmp_path / "build", {"PATH": str(tmp_path), "HOME": "/home/nobody"}).directory
    assert (copy / "../build/file").is_file()
    assert git(copy, "describe", "--dirty", "--tags") == "v1.2.3"


def test_what_is_left_of_a_repository_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "empty/.git").mkdir(parents=True)
    lost = write(tmp_path / "lost", {".git": "gitdir: /no/longer/there\n", "pyproject.toml": ""})
    inner = write(tmp_path / "empty/inner", {"pyproject.toml": ""})
    assert (build(lost, tmp_path / "build1").directory / "pyproject.toml").is_file()
    assert Tree.from_project(inner, ENVIRON).top == inner


@pytest.mark.parametrize("name", [".hg", ".svn", ".bzr", ".jj"])
def test_other_version_control_comes_along(tmp_path: Path, name: str) -> None:
    tree = write(
        tmp_path / "tree", {f"{name}/state": "old", f"{name}/store/data": "all", "python/setup.py": "", "a": ""}
    )
    copy = build(tree / "python", tmp_path / "build").directory
    assert (copy / f"../{name}/store/data").read_text() == "all"
    assert (copy.parent / "a").is_file()
    assert not (copy.parent / "a").is_symlink()
    write(copy.parent, {f"{name}/state": "new"})
    assert (tree / name / "state").read_text() == "old"
