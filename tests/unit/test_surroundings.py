"""A project is built in a copy, in which everything that it reaches for is where it expects it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import SourceError
from crossbuild.index.index import Index
from crossbuild.index.settings import IndexSettings
from crossbuild.sources.direct import get_direct
from crossbuild.sources.project import Source
from crossbuild.sources.surroundings import Tree
from crossbuild.system.scratch import keep, temporary_directory
from tests.unit.checkout_samples import ENVIRON, build, files_of, git, names_in, repository, write

if TYPE_CHECKING:
    from crossbuild.system.cache import Cache


def find_tree(project: Path, environ: dict[str, str]) -> Path:
    return Tree.from_project(project, environ).top


# --- What is copied --------------------------------------------------------------------------------------------------


def test_what_git_tracks_or_does_not_ignore_is_copied(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree", {".gitignore": "*.o\n/made/\ngenerated.h\n", "gone.c": ""})
    write(tree, {"new.c": "", "core/generated.h": "", "made/by/hand.h": "", "empty/x": ""})
    (tree / "empty/x").unlink()
    (tree / "gone.c").unlink()
    copy = build(tree / "python", tmp_path / "build").directory.parent
    assert names_in(copy) == {"README.md", "core", "python", ".gitignore", ".git", "new.c", "empty", "made"}
    assert (copy / "core/generated.h").is_file(), "some program generated what a build needs"
    assert (copy / "made/by/hand.h").is_file()


def test_what_git_ignores_beside_the_project_is_left_out_if_it_is_large_or_a_product(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree", {".gitignore": "*.img\ndata/\nbuild/\n"})
    for name in ("disk.img", "python/disk.img", "data/a", "data/b", "python/data/a", "python/data/b"):
        (tree / name).parent.mkdir(exist_ok=True)
        with (tree / name).open("wb") as file:
            file.truncate((9 if "data" in name else 17) << 20)
    write(tree, {"build/libcore.a": ""})
    source = build(tree / "python", tmp_path / "build")
    assert names_in(source.directory.parent) == {"README.md", "core", "python", ".gitignore", ".git"}
    assert names_in(source.directory) == {"pyproject.toml", "disk.img", "data"}
    assert {*source.left_out} == {
        "../disk.img is ignored by git, and large",
        "../data is ignored by git, and large",
        "../build is ignored by git",
    }


def test_nothing_huge_is_copied_that_git_does_not_track(tmp_path: Path) -> None:
    """A link to it would let a build write to it."""
    tree = repository(tmp_path / "tree", {".gitignore": "data/\n"})
    plain = write(tmp_path / "plain", {"pyproject.toml": ""})
    for place in (tree / "new", tree / "new/deep", tree / "python", tree / "python/data", plain / "data"):
        place.mkdir(exist_ok=True)
        with (place / "huge").open("wb") as file:
            file.truncate((600 if place.name == "deep" else 1025) << 20)
    source = build(tree / "python", tmp_path / "build")
    why = "is not tracked by git, and larger than 1 GiB"
    assert {*source.left_out} == {f"../new {why}", f"huge {why}", f"data {why}"}
    copy = build(plain, tmp_path / "build2").directory / "data/huge"
    assert copy.stat().st_size == 1025 << 20
    assert copy.stat().st_blocks < 1000, "a hole takes no space"


def test_products_of_other_tools_and_builds_are_left_out(tmp_path: Path) -> None:
    ignored = "build/\ntarget/\ngenerated/\nnode_modules/\n"
    tree = repository(tmp_path / "tree", {".gitignore": ignored})
    products = ["build/lib/a", "target/a", ".tox/py/pyvenv.cfg", "pkg/__pycache__/a", "venv/pyvenv.cfg"]
    products += ["cache/CACHEDIR.TAG", "generated/a", "node_modules/a.js"]
    write(tree / "python", dict.fromkeys(products, ""))
    source = build(tree / "python", tmp_path / "build")
    found = {str(path.relative_to(source.directory)) for path in source.directory.rglob("*") if path.is_file()}
    assert found == {"pyproject.toml", "generated/a", "node_modules/a.js"}
    assert {*source.left_out} == {"build is ignored by git", "target is ignored by git"}


def test_products_of_distutils_are_left_out_unless_they_are_sources(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree", {"python/build/lib/__init__.py": "", "python/build/here.py": ""})
    write(tree, {"python/build/temp.linux-x86_64/a.o": "", "python/build/lib.linux-x86_64/a.so": ""})
    copy = build(tree / "python", tmp_path / "build").directory
    assert names_in(copy / "build") == {"lib", "here.py"}


def test_a_project_that_is_not_added_yet_belongs_to_its_repository(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree")
    write(tree, {"new/deep/setup.py": ""})
    copy = build(tree / "new/deep", tmp_path / "build").directory
    assert git(copy, "describe", "--tags") == "v1.2.3"


def test_a_project_in_an_ignored_directory_is_its_own_tree(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree", {".gitignore": "/build/\n"})
    project = write(tree / "build/_deps/other", {"setup.py": ""})
    assert find_tree(project, ENVIRON) == project


def test_a_repository_above_a_project_that_it_ignores_stays_as_it_is(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree", {".gitignore": "/build/\n"})
    project = write(tree / "build/_deps/other", {"setup.py": ""})
    before = files_of(tree)
    copy = build(project, tmp_path / "build").directory
    assert git(copy, "describe", "--dirty", "--tags") == "v1.2.3"
    git(copy, "tag", "built")
    git(copy, "commit", "-q", "--allow-empty", "-m", "A build of the project makes a commit")
    assert files_of(tree) == before


def test_a_submodule_may_ask_for_the_version_of_the_repository_above(tmp_path: Path) -> None:
    repository(tmp_path / "origin")
    tree = repository(tmp_path / "tree")
    git(tree, "submodule", "add", "-q", tmp_path / "origin", "part")
    git(tree, "commit", "-q", "-m", "Part")
    git(tree, "tag", "v2.0")
    copy = build(tree / "part/python", tmp_path / "build").directory
    assert git(copy / "../..", "describe", "--dirty", "--tags") == "v2.0"


def test_a_home_directory_under_version_control_is_not_copied(tmp_path: Path) -> None:
    home = repository(tmp_path / "home")
    project = write(home / "src/thing", {"setup.py": ""})
    environ = {**ENVIRON, "HOME": str(home)}
    assert find_tree(project, environ) == project
    assert find_tree(home / "python", environ) == home, "what it tracks is another matter"
    write(home, {"Cargo.toml": "[workspace]\n"})
    assert find_tree(project, environ) == project


def test_submodules_and_nested_repositories_have_their_own_version_control(tmp_path: Path) -> None:
    repository(tmp_path / "origin")
    tree = repository(tmp_path / "tree")
    git(tree, "submodule", "add", "-q", tmp_path / "origin", "part")
    git(tree, "commit", "-q", "-m", "Part")
    repository(tree / "nested", {".gitignore": "/dist/\n", "dist/x": ""})
    source = build(tree / "python", tmp_path / "build")
    copy = source.directory.parent
    assert git(copy, "status", "--porcelain") == git(tree, "status", "--porcelain")
    for name in ("part", "nested"):
        assert git(copy / name, "rev-parse", "--show-toplevel") == str(copy / name)
        assert git(copy / name, "describe", "--dirty", "--tags").startswith("v1.2.3")
    assert source.left_out == ("../nested/dist is ignored by git",)


def test_other_working_trees_of_the_repository_are_left_out(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree", {"pyproject.toml": ""})
    git(tree, "worktree", "add", "-q", "other")
    assert names_in(build(tree, tmp_path / "build1").directory) == names_in(tree) - {"other"}
    assert names_in(build(tree / "other", tmp_path / "build2").directory) == names_in(tree) - {"other"}


def test_what_is_no_file_and_what_cannot_be_read_is_left_out(
    tmp_path: Path, unprivileged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write(tmp_path / "project", {"setup.py": "", "secret/key": "", "secret.txt": ""})
    os.mkfifo(project / "pipe")
    monkeypatch.chdir(project)  # the whole path may be too long for a socket
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    git(project, "init", "-q")
    for name in ("secret", "secret.txt", ".git/config"):
        (project / name).chmod(0)
    script = (
        "import sys; from pathlib import Path; from crossbuild.sources.project import Source\n"
        "source = Source.from_directory(Path(sys.argv[1])).brought_below(Path(sys.argv[2]), {})\n"
        "print(sorted(path.name for path in source.directory.iterdir()), sorted(source.left_out))\n"
    )
    command = [*unprivileged, sys.executable, "-c", script, str(project), str(tmp_path / "build")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.strip() == (
        "['.git', 'setup.py'] ['.git cannot be read', 'secret cannot be read', 'secret.txt cannot be read']"
    )


def test_read_only_directories_can_be_built_in(tmp_path: Path) -> None:
    project = write(tmp_path / "project", {"setup.py": "", "package/a.py": ""})
    for name in ("package", "."):
        (project / name).chmod(0o555)
    copy = build(project, tmp_path / "build").directory
    assert [path.stat().st_mode & 0o777 for path in (copy, copy / "package")] == [0o755, 0o755]
    for name in (".", "package"):
        (project / name).chmod(0o755)


def test_temporary_files_in_the_project_are_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write(tmp_path / "project", {"setup.py": "", "tmp/a": ""})
    monkeypatch.setattr("tempfile.tempdir", str(project / "tmp"))
    with temporary_directory() as own, temporary_directory() as kept:
        keep(kept)
        copy = build(project, own / "source").directory
        assert names_in(copy / "tmp") == {"a"}
        again = build(project, project / "tmp/plain").directory
        assert not any(path.name == "setup.py" for path in (again / "tmp").rglob("*"))


# --- Beyond the tree -------------------------------------------------------------------------------------------------


def test_paths_out_of_the_tree_lead_where_they_led(tmp_path: Path) -> None:
    write(tmp_path, {"shared/core/core.c": "int a;", "above.txt": "", "shared/python/setup.py": ""})
    copy = build(tmp_path / "shared/python", tmp_path / "build").directory
    assert (copy / "../core/core.c").read_text() == "int a;"
    assert (copy / "../../above.txt").is_file()
    assert copy.joinpath(*[".."] * (len(tmp_path.parts) + 1), "etc").samefile("/etc")
    (copy / "../written").touch()
    assert not (tmp_path / "shared/written").exists()


def test_links_lead_where_they_led(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree")
    write(tmp_path, {"outside/data": "outside"})
    links = {"core": "../core", "up": "../../outside/data", "whole": str(tmp_path / "outside"), "no": "nowhere"}
    for name, target in links.items():
        (tree / "python" / name).symlink_to(target)
    git(tree, "add", "--all")
    git(tree, "commit", "-q", "-m", "Links")
    (tree / "python/own").symlink_to(tree / "core/core.c")
    copy = build(tree / "python", tmp_path / "build").directory
    assert (copy / "core/core.c").read_text() == "int a;"
    assert (copy / "core").resolve() == copy.parent / "core"
    assert (copy / "own").resolve() == copy.parent / "core/core.c"
    assert (copy / "up").read_text() == (copy / "whole/data").read_text() == "outside"
    assert (copy / "no").is_symlink()
    assert git(copy, "describe", "--dirty", "--tags", "--abbrev=0") == "v1.2.3"
    assert git(copy, "status", "--porcelain") == git(tree / "python", "status", "--porcelain")


def test_a_link_to_a_project_is_as_good_as_its_directory(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree")
    (tmp_path / "link").symlink_to(tree / "python")
    assert (build(tmp_path / "link", tmp_path / "build").directory / "../core/core.c").is_file()


def test_a_cargo_workspace_is_copied_as_a_whole(tmp_path: Path) -> None:
    """cargo writes Cargo.lock and target/ there."""
    members = {"Cargo.toml": '[workspace]\nmembers = ["core", "python"]\n', "Cargo.lock": "old", "core/Cargo.toml": ""}
    tree = write(tmp_path / "tree", {**members, "python/pyproject.toml": "", "python/Cargo.toml": ""})
    copy = build(tree / "python", tmp_path / "build").directory
    write(copy.parent, {"Cargo.lock": "new", "target/a": "", "core/b": ""})
    assert (tree / "Cargo.lock").read_text() == "old"
    assert names_in(tree) == {"Cargo.toml", "Cargo.lock", "core", "python"}
    assert names_in(tree / "core") == {"Cargo.toml"}


def test_an_sdist_of_several_projects_stays_together(tmp_path: Path) -> None:
    top = write(tmp_path / "all-1.0", {"core/core.c": "int a;", "python/deep/setup.py": ""})
    sdist = Path(shutil.make_archive(str(top), "gztar", tmp_path, top.name))
    source = Source.from_sdist(sdist, into=tmp_path / "sources/0", subdirectory="python/deep")
    for number in range(2):
        built = source.brought_below(tmp_path / f"build{number}", ENVIRON)
        assert (built.directory / "setup.py").is_file()
        assert (built.directory / "../../core/core.c").read_text() == "int a;"
        source = source.unpacked_again()
        assert source.subdirectory == "python/deep"


def test_a_project_in_a_repository_by_url_stays_together(tmp_path: Path, cache: Cache) -> None:
    tree = repository(tmp_path / "tree")
    index = Index(settings=IndexSettings(default=""), cache=cache)
    url = f"git+{tree.as_uri()}@v1.2.3#subdirectory=python"
    source = get_direct(url, index=index, into=tmp_path / "sources").source
    for number in range(2):
        copy = source.brought_below(tmp_path / f"build{number}", ENVIRON).directory
        assert (copy / "../core/core.c").read_text() == "int a;"
        assert git(copy, "describe", "--dirty", "--tags") == "v1.2.3"
        write(copy, {"../core/core.c": "changed"})


def test_the_root_directory_is_no_place_for_a_project() -> None:
    with pytest.raises(SourceError, match="Move it to a directory of its own"):
        find_tree(Path("/"), ENVIRON)


def test_several_builds_of_one_directory_do_not_meet(tmp_path: Path) -> None:
    tree = repository(tmp_path / "tree")
    one, two = (build(tree / "python", tmp_path / name).directory for name in ("one", "two"))
    write(one, {"../core/core.c": "changed", "pyproject.toml": "changed"})
    git(one, "commit", "-q", "-a", "-m", "Changed")
    assert git(two, "status", "--porcelain") == ""
    assert (two / "../core/core.c").read_text() == "int a;"
