"""Records the scenes: ``python -m tests.frames [NAME]...`` writes ``recorded/NAME.txt``."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.frames.recorder import record
from tests.frames.scenes import SCENES, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.frames.scenes import Scene

RECORDED = Path(__file__).with_name("recorded")
_MOST = 8
"""So many screens are kept of each recording: the first, the last, and some between."""
_NOT_PASSED = re.compile(r"CI|GITHUB_.*|GITLAB_.*|NO_COLOR|FORCE_COLOR|COLUMNS|LINES|CROSSBUILD_.*|TERM")
_DURATION = re.compile(r"\d+ min \d\d s|\d+(?:\.\d)? s\b")
_CHANGED = (
    (re.compile(r"/crossbuild-[0-9a-f]{8,}"), "/crossbuild-0123456789ab"),
    (re.compile(rf"{re.escape(str(Path.home()))}/"), "/home/me/"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:8000"),
)


def main() -> None:
    """Record the scenes that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.frames", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenes; default: all")
    names = parser.parse_args().names
    RECORDED.mkdir(exist_ok=True)
    # What a shell runs in the background ignores Ctrl-C, and so would the commands.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for scene in SCENES:
        if scene.name in names or not names:
            parts = (f"## {title}\n\n{_recording(scene, show)}" for title, show in _WAYS.items())
            text = f"$ crossbuild {scene.words}\n\n" + "\n\n".join(parts) + "\n"
            (RECORDED / f"{scene.name}.txt").write_text(text, encoding="utf-8")


def _recording(scene: Scene, show: Callable[[Scene, list[str], Path, Mapping[str, str]], Iterator[str]]) -> str:
    with tempfile.TemporaryDirectory(prefix="frames-") as directory, served(Path(directory, "served")) as port:
        place = Path(directory)
        scene.prepare(place)
        lines = ("./alpha", "./beta", "./gamma", "delta", f"http://127.0.0.1:{port}/epsilon-1.0-py3-none-any.whl")
        (place / "requirements.txt").write_text("\n".join(lines) + "\n")
        environ = {name: value for name, value in os.environ.items() if not _NOT_PASSED.fullmatch(name)}
        environ |= {"PIP_TRUSTED_HOST": "127.0.0.1", "no_proxy": "127.0.0.1"}
        environ |= {"CROSSBUILD_CACHE_DIR": str(place / "cache")} if scene.is_cold else {}
        words = [sys.executable, "-m", "crossbuild", *shlex.split(scene.words)]
        return "\n".join(_normal(part, place) for part in show(scene, words, place, environ))


def _on_terminal(columns: int) -> Callable[[Scene, list[str], Path, Mapping[str, str]], Iterator[str]]:
    def show(scene: Scene, words: list[str], place: Path, environ: Mapping[str, str]) -> Iterator[str]:
        status, screen = record(words, columns=columns, environ=environ, cwd=place, interrupt_at=scene.interrupt_at)
        _check(scene, status, screen.text)
        chosen = [screen.frames[at * (len(screen.frames) - 1) // _MOST] for at in range(_MOST)]
        for frame in (*dict.fromkeys(chosen), screen.text):
            yield f"{'-' * columns}\n{frame}"
        yield "-" * columns

    return show


def _in_pipe(scene: Scene, words: list[str], place: Path, environ: Mapping[str, str]) -> Iterator[str]:
    process = subprocess.Popen(
        words, cwd=place, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        said, _ = process.communicate(timeout=20 if scene.interrupt_at else None)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate()
    _check(scene, process.returncode, said)
    yield said.rstrip()


def _as_github_log(scene: Scene, words: list[str], place: Path, environ: Mapping[str, str]) -> Iterator[str]:
    summary = place / "summary.md"
    yield from _in_pipe(
        scene,
        words,
        place,
        {**environ, "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)},
    )
    if summary.exists():
        yield f"\n### The summary of the job\n\n{summary.read_text(encoding='utf-8').rstrip()}"


_WAYS = {
    "On a terminal of 80 columns": _on_terminal(80),
    "On a terminal of 50 columns": _on_terminal(50),
    "In a pipe": _in_pipe,
    "In GitHub's log": _as_github_log,
}


def _check(scene: Scene, status: int, said: str) -> None:
    if status != scene.status:
        sys.exit(f"{scene.name} ended with {status} instead of {scene.status}:\n{said}")


def _normal(text: str, place: Path) -> str:
    """Return ``text`` with what differs from run to run, or from machine to machine, made the same."""
    text = _DURATION.sub(lambda found: re.sub(r"\d", "0", found[0]), text.replace(str(place), "/home/me/work"))
    for pattern, instead in _CHANGED:
        text = pattern.sub(instead, text)
    return text


if __name__ == "__main__":
    main()
