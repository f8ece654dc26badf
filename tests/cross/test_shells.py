"""Interactive shells in a cross environment, as a person sees them: through a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.testbed.shells import shell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed

pytestmark = pytest.mark.cross

HOST = "manylinux_2_28_aarch64"
SECONDS = 60
START_FILES = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish", "dash": ".shrc"}
# Ctrl-C is for who has the terminal: only then it says so.
SLEEP = "import os; [0 for _ in iter(lambda: os.tcgetpgrp(0) == os.getpgrp(), True)]; print('sleeps' * 2, flush=True)"
SLEEP += "; os.execlp('sleep', 'sleep', '600')"
OWN = {
    "bash": "export CC=mine MINE=read PATH=/mine:$PATH\nPS1='own> '\n",
    "zsh": "export CC=mine MINE=read PATH=/mine:$PATH\nPS1='own> '\n",
    "dash": "export CC=mine MINE=read PATH=/mine:$PATH\nPS1='own> '\n",
    "fish": "set -gx CC mine\nset -gx MINE read\nset -gx PATH /mine $PATH\nfunction fish_prompt\n"
    "echo -n 'own> '\nend\n",
}


@dataclass
class Terminal:
    """The other end of a terminal that a program runs in."""

    process: int
    descriptor: int
    seen: str = ""

    def type(self, text: str) -> None:
        os.write(self.descriptor, text.encode())

    def expect(self, text: str) -> str:
        """Wait until ``text`` was printed, and return all up to its end; what follows is for the next call."""
        deadline = time.monotonic() + SECONDS
        while text not in self.seen:
            if not select.select([self.descriptor], [], [], max(0, deadline - time.monotonic()))[0]:
                pytest.fail(f"{text!r} did not come, but {self.seen!r}")
            try:
                self.seen += os.read(self.descriptor, 65536).decode(errors="replace")
            except OSError:
                pytest.fail(f"{text!r} did not come before the end: {self.seen!r}")
        before, found, self.seen = self.seen.partition(text)
        return before + found

    def status(self) -> int:
        """Wait for the end, and return the exit status."""
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


@contextmanager
def terminal(command: list[str], environ: Mapping[str, str]) -> Iterator[Terminal]:
    process, descriptor = pty.fork()
    if not process:
        os.execvpe(command[0], command, {**environ, "TERM": "dumb"})
    try:
        yield Terminal(process=process, descriptor=descriptor)
    finally:
        os.close(descriptor)


@pytest.fixture
def variables(crossbuild: Crossbuild, tmp_path: Path) -> dict[str, str]:
    """The environment of a person with a home and start files."""
    (tmp_path / "tmp").mkdir()
    variables = {**crossbuild.bed.environ, "CROSSBUILD_CACHE_DIR": str(crossbuild.cache_dir)}
    variables |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path / "tmp"), "XDG_CONFIG_HOME": str(tmp_path / ".config")}
    for name in ("ZDOTDIR", "CROSSBUILD_HOST", "ENV", "BASH_ENV", "PROMPT_COMMAND"):
        variables.pop(name, None)
    return variables


def command_of(crossbuild: Crossbuild, *words: str) -> list[str]:
    chosen = ("--host", HOST, "--python", "3.11", *crossbuild.build_python_for((3, 11)))
    return [sys.executable, "-m", "crossbuild", words[0], *chosen, "-q", *words[1:]]


def decoy(directory: Path) -> Path:
    """Make a directory of programs that are not to be found."""
    directory.mkdir()
    (directory / "python").symlink_to("/bin/false")
    return directory


@pytest.mark.parametrize("name", list(START_FILES))
def test_a_shell_is_entered_after_its_own_start_files(
    name: str, bed: Bed, crossbuild: Crossbuild, tmp_path: Path, variables: dict[str, str]
) -> None:
    start_file = tmp_path / START_FILES[name]
    start_file.parent.mkdir(parents=True, exist_ok=True)
    start_file.write_text(OWN[name].replace("/mine", str(decoy(tmp_path / "mine"))))
    if name == "dash":
        variables["ENV"] = str(start_file)
    command = command_of(crossbuild, "shell", "--shell", str(shell(bed, name)))
    with terminal(command, variables) as person:
        person.expect(f"({HOST} 3.11) own> ")
        person.type("python -c 'import platform; print(\"runs on\", platform.machine())'\n")
        person.expect("runs on aarch64")
        person.type('echo "it was" $MINE, "compiles with" $CC.\n')
        said = person.expect("aarch64-linux-gnu-gcc.")
        assert "it was read" in said
        person.type(f'build-python -c "{SLEEP}"\n')
        person.expect("sleepssleeps")
        person.type("\x03")
        person.type("echo still $((40 + 2)) here\n" if name != "fish" else "echo still (math 40 + 2) here\n")
        person.expect("still 42 here")
        person.type("exit 3\n")
        assert person.status() == 3
    assert not list((tmp_path / "tmp").glob("crossbuild-*")), "it is gone"


@pytest.mark.parametrize("name", list(START_FILES))
def test_nothing_is_left_when_the_window_is_closed(
    name: str, bed: Bed, crossbuild: Crossbuild, tmp_path: Path, variables: dict[str, str]
) -> None:
    command = command_of(crossbuild, "shell", "--shell", str(shell(bed, name)))
    with terminal(command, variables) as person:
        person.expect(f"({HOST} 3.11) ")
        assert list((tmp_path / "tmp").glob("crossbuild-*"))
    person.status()
    assert not list((tmp_path / "tmp").glob("crossbuild-*"))


def test_zsh_reads_what_its_first_file_names(
    bed: Bed, crossbuild: Crossbuild, tmp_path: Path, variables: dict[str, str]
) -> None:
    (tmp_path / "zsh").mkdir()
    (tmp_path / ".zshenv").write_text('ZDOTDIR="$HOME/zsh"\n')
    (tmp_path / "zsh/.zshrc").write_text(OWN["zsh"])
    command = command_of(crossbuild, "shell", "--shell", str(shell(bed, "zsh")))
    with terminal(command, variables) as person:
        person.expect(f"({HOST} 3.11) own> ")
        person.type('echo "it is" "$ZDOTDIR"; exit\n')
        person.expect(f"it is {tmp_path}/zsh\r\n")
        assert person.status() == 0


def test_a_kept_environment_is_entered_and_left_in_fish(
    bed: Bed, crossbuild: Crossbuild, tmp_path: Path, variables: dict[str, str]
) -> None:
    done = crossbuild(*command_of(crossbuild, "env", str(tmp_path / "kept"))[3:])
    assert done.returncode == 0, done.stderr
    with terminal([str(shell(bed, "fish"))], {**variables, "CC": "mine", "CMAKE_PREFIX_PATH": "/a:/b"}) as person:
        person.type("set -g before (string join : $PATH)\n")
        person.type(f"source {tmp_path}/kept/activate.fish; python -c 'import platform; print(platform.machine())'\n")
        person.expect("aarch64\r\n")
        person.type("set -q CMAKE_PREFIX_PATH; or echo with(echo out)\n")
        person.expect("without")
        person.type('deactivate; test (string join : $PATH) = "$before"; and echo "$CC" is (echo back)\n')
        person.expect("mine is back")
        person.type("exit\n")
        assert person.status() == 0


def test_commands_on_standard_input(crossbuild: Crossbuild, bed: Bed, variables: dict[str, str]) -> None:
    command = command_of(crossbuild, "shell", "--shell", str(shell(bed, "bash")))
    text = "python -c 'import os; print(os.uname().machine)'; exit 4\n"
    done = subprocess.run(command, env=variables, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (4, "aarch64\n"), done.stderr
