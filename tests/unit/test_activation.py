"""Into a cross environment and out again: what shells evaluate, and what processes get."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from crossbuild import __version__
from crossbuild.environments.activation import shell_lines, write_activation
from crossbuild.environments.entering import Variables, write_outside
from crossbuild.environments.environment_request import EnvironmentRequest
from crossbuild.environments.github import write_github_files
from crossbuild.environments.shells import find_shell
from crossbuild.environments.standing import StandingEnvironment, clear, outside
from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ODD = 'it\'s "$HOME" `id`\n\\ and more'
SHELLS = [name for name in ("dash", "bash") if shutil.which(name)]
PRINT = 'printf \'%s\\0\' "${CC-unset}" "${ODD-unset}" "${GONE-unset}" "$PATH"'


def variables(directory: Path, compiler: str = "host-cc") -> Variables:
    own = {"CC": compiler, "ODD": ODD, "CROSSBUILD_DIRECTORY": str(directory)}
    return Variables(own=own, removed=("GONE",), path=(f"{directory}/bin",))


def make(directory: Path, compiler: str = "host-cc") -> Path:
    """Write what an environment has that shells read, and return the file that activates it."""
    directory.mkdir()
    write_outside(directory, variables(directory, compiler))
    write_activation(directory, variables(directory, compiler), host="the host")
    return directory / "activate"


def told(shell: str, script: str, environ: Mapping[str, str]) -> list[list[str]]:
    """Return what each ``PRINT`` of ``script`` printed."""
    done = subprocess.run([shell, "-euc", script], env=dict(environ), capture_output=True, text=True, check=True)
    fields = done.stdout.split("\0")[:-1]
    return [fields[start : start + 4] for start in range(0, len(fields), 4)]


@pytest.fixture
def environ() -> dict[str, str]:
    return {"CC": "mine", "GONE": ODD, "PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize("shell", SHELLS)
def test_what_was_set_is_set_again(shell: str, tmp_path: Path, environ: dict[str, str]) -> None:
    activate = make(tmp_path / "an 'odd' place")
    inside, after = told(shell, f'set +u\n. "{activate}"\n{PRINT}\ndeactivate\n{PRINT}', environ)
    assert inside == ["host-cc", ODD, "unset", f"{activate.parent}/bin:/usr/bin:/bin"]
    assert after == ["mine", "unset", ODD, "/usr/bin:/bin"]


@pytest.mark.parametrize("shell", SHELLS)
def test_what_was_changed_since_stays(shell: str, tmp_path: Path, environ: dict[str, str]) -> None:
    activate = make(tmp_path / "one")
    (after,) = told(shell, f'. "{activate}"\nCC=changed GONE=changed\ndeactivate\n{PRINT}', environ)
    assert after[:3] == ["changed", "unset", "changed"]


@pytest.mark.parametrize("shell", SHELLS)
def test_what_came_before_its_programs_stays(shell: str, tmp_path: Path, environ: dict[str, str]) -> None:
    activate = make(tmp_path / "{one} of 'mine'")
    (after,) = told(shell, f'. "{activate}"\nPATH=/new:$PATH:/last\ndeactivate\n{PRINT}', environ)
    assert after[3] == "/new:/usr/bin:/bin:/last"


@pytest.mark.parametrize("shell", SHELLS)
def test_another_environment_is_left_first(shell: str, tmp_path: Path, environ: dict[str, str]) -> None:
    one, other = make(tmp_path / "one"), make(tmp_path / "other", "other-cc")
    script = f'. "{one}"\n. "{one}"\n. "{other}"\n{PRINT}\ndeactivate\n{PRINT}'
    inside, after = told(shell, script, environ)
    assert (inside[0], inside[3]) == ("other-cc", f"{tmp_path}/other/bin:/usr/bin:/bin")
    assert after == ["mine", "unset", ODD, "/usr/bin:/bin"]


@pytest.mark.parametrize("shell", SHELLS)
def test_lines_to_evaluate(shell: str, tmp_path: Path, environ: dict[str, str]) -> None:
    make(tmp_path / "one")
    lines = "\n".join(shell_lines(variables(tmp_path / "one")))
    (inside,) = told(shell, f"set +u\n{lines}\n{lines}\n{PRINT}", environ)
    assert inside == ["host-cc", ODD, "unset", f"{tmp_path}/one/bin:/usr/bin:/bin"]


def test_the_prompt_says_the_host(tmp_path: Path) -> None:
    script = f'PS1="own> "\n. "{make(tmp_path / "one")}"\necho "$PS1|"\ndeactivate\necho "$PS1|"'
    done = subprocess.run([SHELLS[0], "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "(the host) own> |\nown> |\n"


def test_a_process_gets_in_and_out(tmp_path: Path, environ: dict[str, str]) -> None:
    entered = variables(tmp_path).entered(environ)
    assert (entered["CC"], entered["ODD"], entered["PATH"]) == ("host-cc", ODD, f"{tmp_path}/bin:/usr/bin:/bin")
    assert "GONE" not in entered
    assert variables(tmp_path).left(entered) == environ
    changed = {"CC": "changed", "PATH": f"/new:{entered['PATH']}"}
    left = variables(tmp_path).left({**entered, **changed})
    assert (left["CC"], left["PATH"]) == ("changed", "/new:/usr/bin:/bin")


def test_outside_of_no_environment_is_where_one_is(tmp_path: Path, environ: dict[str, str]) -> None:
    assert outside(environ) == environ
    assert outside({**environ, "CROSSBUILD_DIRECTORY": str(tmp_path)}) == {
        **environ,
        "CROSSBUILD_DIRECTORY": str(tmp_path),
    }, "that of a build is not left"


def test_later_steps_of_a_job(tmp_path: Path) -> None:
    files = {"GITHUB_ENV": str(tmp_path / "env"), "GITHUB_PATH": str(tmp_path / "path")}
    write_github_files(variables(tmp_path), {**files, "CC": "mine", "GONE": "there"})
    text = (tmp_path / "env").read_text()
    assert f"ODD<<crossbuild-end\n{ODD}\ncrossbuild-end\n" in text
    assert "CROSSBUILD_OUTSIDE_CC<<crossbuild-end\nmine\n" in text
    assert "GONE<<crossbuild-end\n\ncrossbuild-end\n" in text
    assert (tmp_path / "path").read_text() == f"{tmp_path}/bin\n"
    with pytest.raises(UsageError, match="no GitHub job"):
        write_github_files(variables(tmp_path), {})


def test_only_an_environment_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(UsageError, match="holds no cross environment"):
        clear(tmp_path)
    assert (tmp_path / "thesis.txt").exists()
    clear(tmp_path / "not there")
    (tmp_path / "half").mkdir()
    (tmp_path / "half/.crossbuild-environment").touch()
    (tmp_path / "half/bin").mkdir()
    clear(tmp_path / "half")
    assert not list((tmp_path / "half").iterdir())


@pytest.mark.parametrize("content", [None, "{", "[]", "null", "{}", json.dumps({"PATH": "/bin"})])
def test_what_is_no_environment(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "environment.json").write_text(content)
    with pytest.raises(UsageError, match="holds no cross environment") as refused:
        StandingEnvironment.from_directory(tmp_path)
    assert "--clear" not in refused.value.fix
    (tmp_path / ".crossbuild-environment").touch()
    with pytest.raises(UsageError, match="cannot be used") as refused:
        StandingEnvironment.from_directory(tmp_path)
    assert f"crossbuild env --clear --host HOST {tmp_path}" in refused.value.fix


@pytest.mark.parametrize("version", [__version__, "0", None, 3])
def test_an_environment_of_another_version_is_to_be_made_again(version: object, tmp_path: Path) -> None:
    (tmp_path / ".crossbuild-environment").touch()
    (tmp_path / "environment.json").write_text(json.dumps({"crossbuild": version, "host": "linux_aarch64 3.11"}))
    with pytest.raises(UsageError) as refused:
        StandingEnvironment.from_directory(tmp_path)
    assert f"crossbuild env --clear --host HOST {tmp_path}" in refused.value.fix


def test_what_an_environment_was_made_of_is_kept_without_logins() -> None:
    wishes = EnvironmentRequest(
        requires=("probe @ https://user:canary@example.org/probe.whl", "meson>=1"),
        host_requires=("https://user:canary@example.org/probe.tar.gz",),
        projects=("git+ssh://git@example.org/probe",),
    )
    assert wishes.bare == EnvironmentRequest(
        requires=("probe @ https://example.org/probe.whl", "meson>=1"),
        host_requires=("https://example.org/probe.tar.gz",),
        projects=("git+ssh://git@example.org/probe",),
    )


def test_a_shell_is_looked_for_where_the_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = tmp_path / "own-shell"
    shell.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_shell("own-shell", {"PATH": str(tmp_path)}) == shell
    with pytest.raises(UsageError, match="There is no shell own-shell"):
        find_shell("own-shell", {})
