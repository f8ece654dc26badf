"""Print the shell script that BitBake makes of a recipe's task. Run as a script, with BitBake's modules on the path.

Arguments: the recipe, the task, and NAME=VALUE for each variable that a distribution would set.
"""

from __future__ import annotations

import io
import sys
from importlib import import_module
from types import ModuleType

# Its server of hashes is imported for nothing here, and does not come with the modules.
sys.modules |= {name: ModuleType(name) for name in ("hashserv", "hashserv.client")}

bb, data, parse, siggen = map(import_module, ("bb", "bb.data", "bb.parse", "bb.siggen"))


def script(recipe: str, task: str, *variables: str) -> str:
    store = data.init()
    vars(parse)["siggen"] = siggen.init(store)
    for variable in variables:
        store.setVar(*variable.split("=", 1))
    store.setVar("__bbclasstype", "recipe")
    parsed = parse.handle(recipe, store)[""]
    written = io.StringIO()
    data.emit_func(task, written, parsed)
    return f"{written.getvalue()}\n# DEPENDS: {parsed.getVar('DEPENDS')}\n{task}\n"


if __name__ == "__main__":
    sys.stdout.write(script(*sys.argv[1:]))
