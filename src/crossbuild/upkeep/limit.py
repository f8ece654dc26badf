"""The size limit of a cache, applied after each command that added something.

Measuring the whole cache takes a while. So its size is noted, and each command adds the size of its own entries. The
whole is measured when the sum exceeds the limit, and once a day: other programs, such as zig, add to the cache, too.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from crossbuild.errors import system_failure
from crossbuild.system.disk_usage import Usage
from crossbuild.system.documents import parse_json, read_text
from crossbuild.system.filesystem import write_text
from crossbuild.system.kept_places import KEPT_BUILDS
from crossbuild.terminal.quantities import size_text
from crossbuild.upkeep.removal import DAY, shrink

if TYPE_CHECKING:
    from crossbuild.reporting import Reporter
    from crossbuild.system.cache import Cache

_NOTE = "size.json"


def keep_to_limit(cache: Cache, limit: int | None, reporter: Reporter) -> None:
    """Remove the least recently used entries if this object added to ``cache`` and it exceeds ``limit`` now.

    Entries that this object uses stay. If the cache cannot be changed, there is a warning.
    """
    if limit is None or not cache.made:
        return
    try:
        _keep_to_limit(cache, limit, reporter)
    except OSError as error:
        failure = system_failure(error, cache.root)
        reporter.warning(f"The cache may exceed its limit of {size_text(limit)}. {failure.what} {failure.fix}")


def _keep_to_limit(cache: Cache, limit: int, reporter: Reporter) -> None:
    measured, size = _noted(cache)
    size += Usage.together(map(Usage.of, cache.made)).size
    if time.time() - measured > DAY or size > limit:
        done = shrink(cache, limit)
        measured, size = time.time(), done.size
        if done.removed:
            reporter.note(
                f"The cache exceeded its limit of {size_text(limit)}: removed {len(done.removed)} of its entries, "
                f"{size_text(done.freed)}"
            )
    write_text(cache.path(_NOTE), json.dumps({"measured": measured, "size": size}))
    cache.made.clear()


def _noted(cache: Cache) -> tuple[float, int]:
    """Return when all of the cache was measured last, and its size then with what was added since; 0 if unknown."""
    with suppress(OSError, ValueError, TypeError, LookupError):
        facts = parse_json(read_text(cache.path(_NOTE)))
        return float(facts["measured"]), int(facts["size"])
    return 0.0, 0


def let_go(cache: Cache) -> None:
    """Use nothing of ``cache`` any longer, except for the builds that were just kept for the user to look at."""
    kept = [name for name in cache.uses.names if name.startswith(f"{KEPT_BUILDS}/")]
    cache.uses.release()
    for name in kept:
        cache.uses.add(name, file=cache.uses_file)
