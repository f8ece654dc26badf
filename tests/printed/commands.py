"""Commands as pages and help texts print them: at a prompt, with what they print, or as lines of a script."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.printed.markdown import Block

_PROMPT = re.compile(r"^(?:\(.*?\) )?(?P<machine>[\w.-]*)\$ (?P<line>.*)$")
_INSIDE = re.compile(r"^(?:\(.*?\) \$|#) (?P<line>.*)$")
_GOES_ON = re.compile(r"^> (?P<line>.*)$")
_STARTS_SHELL = re.compile(r"^crossbuild (?:shell\b|.* -- sh$)")
_REMARK = re.compile(r" {2,}\((?P<text>[^()]*)\)$")
_OTHER_SYSTEM = re.compile("on the device")
_FAILURE = re.compile(r"^(?:error|hint|crossbuild): ", re.MULTILINE)
_AROUND = "…\n"
NOT_RUN = "not run: "
PRINTED_BY = "printed by: "


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command that somebody is told to type."""

    place: str
    """The file and the line."""
    line: str
    """What is typed; several lines, where it goes on."""
    machine: str = ""
    """What the prompt names: another machine."""
    typed: str = ""
    """What is typed into the shell that it starts."""
    output: str = ""
    """What is quoted of its output."""
    not_run: str = ""
    """Why the tests cannot run it."""
    is_shown: bool = True
    """Whether the page has it, and not only what it prints."""

    @property
    def words(self) -> str:
        """What is typed, without a comment."""
        return re.sub(r" +# .*", "", self.line)

    @property
    def fails(self) -> bool:
        """Whether it is shown to fail."""
        return bool(_FAILURE.search(self.output))


def from_block(block: Block, place: str) -> Iterator[Command]:
    """Yield the commands of a block of the kind ``console`` or ``sh``, or the one that prints a text, says its mark."""
    not_run = block.mark.removeprefix(NOT_RUN) if block.mark.startswith(NOT_RUN) else ""
    if block.mark.startswith(PRINTED_BY):
        line, output = block.mark.removeprefix(PRINTED_BY), f"{_AROUND}{block.text}{_AROUND}"
        yield Command(place=place, line=line, output=output, is_shown=False)
    elif block.language == "console":
        yield from (replace(one, not_run=not_run) for one in _at_prompts(block.text, place))
    elif block.language == "sh":
        yield from (Command(place=place, line=line, not_run=not_run) for line in script_lines(block.text))
    elif not_run:  # a message, and nobody can make a program print it here
        yield Command(place=place, line="", not_run=not_run)


def _at_prompts(text: str, place: str) -> list[Command]:
    commands: list[Command] = []
    for line in text.splitlines():
        prompt = _PROMPT.match(line)
        if commands and (grown := _with_line(commands[-1], line, is_prompt=bool(prompt))):
            commands[-1] = grown
        elif prompt:
            commands.append(Command(place=place, line=prompt["line"], machine=prompt["machine"]))
        else:
            raise ValueError(f"{place}: {line!r} comes before any command.")
    return commands


def _with_line(command: Command, line: str, *, is_prompt: bool) -> Command | None:
    """Return ``command`` with a line that continues it, is typed into it or printed by it; None if it does not."""
    if command.line.endswith("\\"):
        return replace(command, line=f"{command.line}\n{line}")
    if _STARTS_SHELL.match(command.line) and (inside := _INSIDE.match(line)):
        return replace(command, typed=f"{command.typed}{inside['line']}\n")
    if is_prompt:
        return None
    if (more := _GOES_ON.match(line)) and not command.output:
        return replace(command, line=f"{command.line}\n{more['line']}")
    return replace(command, output=f"{command.output}{line}\n")


def script_lines(text: str) -> Iterator[str]:
    """Yield the commands of a script, a line each; a line that ends in a backslash goes on."""
    for line in re.findall(r"(?:.*\\\n)*.+", text):
        if not line.lstrip().startswith("#"):
            yield line


def from_examples(text: str, place: str) -> Iterator[Command]:
    """Yield the commands of a help text's examples: captions end in a colon, remarks follow in parentheses."""
    for line in script_lines(text):
        remark = _REMARK.search(line)
        command = _REMARK.sub("", line).strip()
        if not command.endswith(":"):
            elsewhere = bool(remark and _OTHER_SYSTEM.search(remark["text"]))
            yield Command(place=place, line=command, not_run="needs a device" if elsewhere else "")
