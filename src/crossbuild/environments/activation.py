"""Files that shells read to enter a cross environment, and to leave it again."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.environments.entering import KEPT, outside_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.environments.entering import Variables

_LEAVING = """\
deactivate() {{
    . {outside}
    [ -z "${{_crossbuild_ps1+set}}" ] || PS1=$_crossbuild_ps1
    unset _crossbuild_ps1
    unset -f deactivate
    hash -r 2>/dev/null
}}
if [ -n "${{PS1+set}}" ]; then _crossbuild_ps1=$PS1 PS1={prompt}$PS1; fi
hash -r 2>/dev/null || :"""
_LEAVING_FISH = """\
functions -q fish_prompt; and functions -c fish_prompt _crossbuild_fish_prompt
function fish_prompt
    printf '%s' {prompt}
    functions -q _crossbuild_fish_prompt; and _crossbuild_fish_prompt
end
function deactivate
{restored}
    functions -e fish_prompt
    if functions -q _crossbuild_fish_prompt
        functions -c _crossbuild_fish_prompt fish_prompt
        functions -e _crossbuild_fish_prompt
    end
    functions -e deactivate
end"""


def write_activation(directory: Path, variables: Variables, *, host: str) -> None:
    """Write ``activate``, for POSIX shells, bash and zsh, and ``activate.fish`` into ``directory``.

    Each says ``host`` in the prompt, leaves another environment first, and defines ``deactivate``.
    """
    # A venv's deactivate is a function, too, and is left first. A program of that name is none of ours.
    leave = 'case "$(command -V deactivate 2>/dev/null)" in *function*) deactivate ;; esac'
    prompt = quote(f"({host}) ")
    lines = [
        leave,
        *shell_lines(variables),
        _LEAVING.format(outside=quote(str(outside_file(directory))), prompt=prompt),
    ]
    (directory / "activate").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (directory / "activate.fish").write_text("\n".join([*_fish_lines(variables, host), ""]), encoding="utf-8")


def shell_lines(variables: Variables) -> Iterator[str]:
    """Yield what a POSIX shell is to evaluate to be inside; an environment that it is in is left before."""
    yield '[ ! -f "${CROSSBUILD_DIRECTORY-}/outside.sh" ] || . "$CROSSBUILD_DIRECTORY/outside.sh"'
    for name in (*variables.own, *variables.removed):
        yield f'[ -z "${{{name}+set}}" ] || export {KEPT}{name}="${name}"'
    for name, value in variables.own.items():
        yield f"export {name}={quote(value)}"
    yield f"unset {' '.join(variables.removed)}"
    yield f"export PATH={quote(':'.join(variables.path) + ':')}$PATH"


def _fish_lines(variables: Variables, host: str) -> Iterator[str]:
    yield "functions -q deactivate; and deactivate"
    for name in (*variables.own, *variables.removed):
        yield f"set -q {name}; and set -gx {KEPT}{name} ${name}"
    for name, value in variables.own.items():
        yield f"set -gx {name} {_fish_quote(value)}"
    yield f"set -e {' '.join(variables.removed)}"
    yield f"set -gx PATH {' '.join(map(_fish_quote, variables.path))} $PATH"
    restored = "\n".join(f"    {line}" for line in _fish_restored(variables))
    yield _LEAVING_FISH.format(prompt=_fish_quote(f"({host}) "), restored=restored)


def _fish_restored(variables: Variables) -> Iterator[str]:
    conditions = {name: f'test "${name}" = {_fish_quote(value)}' for name, value in variables.own.items()}
    conditions |= {name: f"not set -q {name}" for name in variables.removed}
    for name, condition in conditions.items():
        kept = f"{KEPT}{name}"
        yield f"if {condition}"
        yield f"    set -q {kept}; and set -gx {name} ${kept}; or set -e {name}"
        yield "end"
        yield f"set -e {kept}"
    for directory in map(_fish_quote, variables.path):
        yield f"if set -l index (contains -i -- {directory} $PATH); set -e PATH[$index]; end"


def _fish_quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
