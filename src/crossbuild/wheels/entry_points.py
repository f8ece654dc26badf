"""The scripts that an installer makes of ``entry_points.txt``.

Source: PyPA's "Entry points" specification; what installers read is told by the one that crossbuild uses.
"""

from __future__ import annotations

import configparser
import keyword
import re
from typing import TYPE_CHECKING

from crossbuild.wheels.member_names import is_file_name, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "entry_points.txt"
_OTHER_ENDS = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]|\r(?!\n)")
"""What ends a line for importlib.metadata, by which pip reads the file, and not for configparser."""


def entry_point_faults(content: bytes) -> Iterator[str]:
    """Yield what keeps an installer from making the scripts: clauses that follow "it" or the wheel's name."""
    from installer.utils import parse_entrypoints

    try:
        text = content.decode()
        scripts = list(parse_entrypoints(text))
    except UnicodeDecodeError:
        yield f"its {FILE} is not UTF-8 text"
    except AssertionError:
        yield f"its {FILE} has a script that is not name = module:function"
    except (configparser.Error, ValueError) as error:
        yield f"its {FILE} cannot be read: {' '.join(str(error).split())}"
    else:
        if _OTHER_ENDS.search(text):
            yield f"its {FILE} has a control character that ends a line for some readers"
        for name, module, attribute, _ in scripts:
            if not is_file_name(name):
                yield f"its {FILE} has a script named {shown(repr(name))}, which is not a file name"
            elif not all(map(_is_importable, (*module.split("."), *attribute.split(".")))):
                yield f"its {FILE} has the script {name} = {module}:{attribute}, which Python cannot import"


def script_names(content: bytes) -> list[str]:
    """Return the names of the scripts of a file without faults."""
    from installer.utils import parse_entrypoints

    return [name for name, *_ in parse_entrypoints(content.decode())]


def _is_importable(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)
