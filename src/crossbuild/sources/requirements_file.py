"""Files that list requirements, as pip reads them with ``-r``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_COMMENT = re.compile(r"(^|\s+)#.*$", re.MULTILINE)


def requirements_of(file: Path) -> Iterator[str]:
    """Yield the requirements and paths in ``file``; files that it includes with ``-r`` are read, too.

    Source: pip's reference, "Requirements File Format". Raises UsageError for any other option, and if there is no
    such file.
    """
    try:
        text = _COMMENT.sub("", file.read_text(encoding="utf-8")).replace("\\\n", "")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} could not be read.", why=str(error)) from None
    for line in filter(None, map(str.strip, text.splitlines())):
        option, _, value = line.replace("=", " ", 1).partition(" ") if line.startswith("-") else ("", "", line)
        if option in {"-r", "--requirement"}:
            yield from requirements_of(file.parent / value.strip())
        elif option or " --" in line:
            option = option or f"--{line.partition(' --')[2].partition('=')[0]}"
            raise UsageError(f"{file}: the option {option} is not understood.", fix="Give it on the command line.")
        else:
            yield line
