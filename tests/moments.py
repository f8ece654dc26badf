"""Commands that get a signal at some moment: what is left of them then.

Run as a program by :func:`run_moments`, as a process of its own: every process that a command leaves becomes its child.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from crossbuild.system.cache import digest

_SET_CHILD_SUBREAPER = 36
_PATIENCE = 60
"""Seconds for a command, and for what it leaves, to end."""
_SIGNALS = ("SIGTERM", "SIGHUP", "SIGINT", "SIGKILL")
_BEGIN = """
import os, sys
from crossbuild.cli.standard_streams import settle_process
settle_process()
from crossbuild.__main__ import main
os.write({ready}, b"r")
os.close({ready})
sys.exit(main({arguments!r}))
"""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A command, where it runs, and where it may leave something."""

    arguments: list[str]
    environ: dict[str, str]
    cwd: str
    fresh: str
    """What is removed before each moment, so that there is something to do."""
    places: list[str]
    """Directories in which no temporary files or directories may be left; in ``TMPDIR``, nothing at all may be."""


def run_moments(scene: Scene, *, seed: str, count: int) -> None:
    """Run ``scene`` with signals at ``count`` moments that ``seed`` chooses, and fail if anything is left."""
    command = [sys.executable, "-m", "tests.moments", seed, str(count)]
    done = subprocess.run(
        command,
        input=json.dumps(asdict(scene)),
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}: {done.stdout}{done.stderr}"


def main(seed: str, count: int, scene: Scene) -> None:
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    _run_whole(scene)
    whole = min(_run_whole(scene), _run_whole(scene))
    for number in range(count):
        name = _SIGNALS[number % len(_SIGNALS)]
        moment = (number + _chance(seed, number)) / count * whole
        what = f"{name} after {moment:.3f} of {whole:.3f} s"
        _clear(scene)
        code, said = _signalled(scene, signal.Signals[name], moment)
        print(f"{what}: {code}", file=sys.stderr)
        _check_code(code, signal.Signals[name], f"{what}: code {code}\n{said}")
        _check_processes(what)
        if name == "SIGKILL":
            _run_whole(scene)
        _check_places(scene, what)


def _chance(seed: str, number: int) -> float:
    """Return a number from 0 to 1, always the same for the same arguments."""
    return int(digest(seed, number), 16) / 16**16


def _run_whole(scene: Scene) -> float:
    _clear(scene)
    process, started = _start(scene)
    said = process.communicate(timeout=_PATIENCE)[0]
    seconds = time.monotonic() - started
    if process.returncode:
        sys.exit(f"without a signal: code {process.returncode}\n{said}")
    _check_processes("without a signal")
    _check_places(scene, "without a signal")
    return seconds


def _clear(scene: Scene) -> None:
    subprocess.run(["rm", "-rf", scene.fresh], check=True)


def _start(scene: Scene) -> tuple[subprocess.Popen[str], float]:
    """Start the command, and return it with the time when crossbuild itself began."""
    reading, writing = os.pipe()
    code = _BEGIN.format(ready=writing, arguments=scene.arguments)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=scene.environ,
        cwd=scene.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=[writing],
    )
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    return process, time.monotonic()


def _signalled(scene: Scene, number: signal.Signals, moment: float) -> tuple[int, str]:
    process, started = _start(scene)
    time.sleep(max(started + moment - time.monotonic(), 0))
    process.send_signal(number)
    try:
        # Nothing else has its output, or the end of that would not come.
        said = process.communicate(timeout=_PATIENCE)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        sys.exit(f"{number.name} after {moment:.3f} s did not end it")
    return process.returncode, said


def _check_code(code: int, number: signal.Signals, what: str) -> None:
    """Signals that come too late change nothing, and those that come before anything has begun end the process."""
    if code not in {0, -number, 128 + number}:
        sys.exit(what)
    if "Traceback" in what:
        sys.exit(what)


def _check_processes(what: str) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                if time.monotonic() > until:
                    sys.exit(f"{what}: processes are left\n{_children()}")
                time.sleep(0.01)
        except ChildProcessError:
            return


def _children() -> str:
    return subprocess.run(["ps", "-ef", "--forest"], capture_output=True, text=True, check=False).stdout


def _check_places(scene: Scene, what: str) -> None:
    temporary = scene.environ["TMPDIR"]
    left = [str(path) for path in Path(temporary).iterdir()]
    for place in scene.places:
        left += [str(path) for path in Path(place).rglob(".*tmp*")]
    if left:
        listing = subprocess.run(["ls", "-lAR", *left], capture_output=True, text=True, check=False).stdout
        sys.exit(f"{what}: left\n{listing}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Scene(**json.load(sys.stdin)))
