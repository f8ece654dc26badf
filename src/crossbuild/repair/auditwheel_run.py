"""auditwheel's grafting, as a program: it changes the current directory, and takes patchelf from PATH.

The argument is a JSON file: ``wheel``, ``out`` (a directory), and ``libraries``, the paths by needed name by member.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

_TAG = "any"
"""auditwheel sorts by policies. There is one way to repair here, which needs a name."""


def main(request: Path) -> None:
    """Write the repaired wheel into ``out``."""
    from auditwheel.patcher import ElfPatcher
    from auditwheel.repair import repair_wheel

    facts = json.loads(request.read_text(encoding="utf-8"))
    references = {
        Path(member): {_TAG: SimpleNamespace(libs={soname: Path(path) for soname, path in libraries.items()})}
        for member, libraries in facts["libraries"].items()
    }
    repair_wheel(
        SimpleNamespace(full_external_refs=references),
        Path(facts["wheel"]),
        [_TAG],
        ".libs",
        Path(facts["out"]),
        update_tags=False,
        patcher=ElfPatcher.get_patcher("patchelf"),
        strip=False,
        zip_compression_level=0,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
