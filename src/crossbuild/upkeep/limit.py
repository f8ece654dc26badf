"""The limit of a cache, which holds after each command that added something.

Measuring all of a cache takes a while. So its size is noted, and what a command made is added to that; all of it is
measured only when that is too much, and once a day: other programs, such as zig, add to the cache, too.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from crossbuild.errors import system_failure
from crossbuild.system.disk_usage import Usage, size_text
from crossbuild.system.documents import parse_json, read_text
from crossbuild.system.filesystem import write_text
from crossbuild.system.kept_places import KEPT_BUILDS
from crossbuild.upkeep.removal import DAY, shrink

if TYPE_CHECKING:
    from crossbuild.reporting import Reporter
    from crossbuild.system.cache import Cache

_NOTE = "size.json"


def keep_to_limit(cache: Cache, limit: int | None, reporter: Reporter) -> None:
    """Remove what is needed the least of ``cache``, if this object added to it and it is larger than ``limit``.

    What this object uses stays. A cache that cannot be changed is a warning.
    """
    if limit is None or not cache.made:
        return
    try:
        _keep_to_limit(cache, limit, reporter)
    except OSError as error:
        failure = system_failure(error, cache.root)
        reporter.warning(f"The cache cannot be kept below its limit of {size_text(limit)}. {failure}")


def _keep_to_limit(cache: Cache, limit: int, reporter: Reporter) -> None:
    measured, size = _noted(cache)
    size += Usage.together(map(Usage.of, cache.made)).size
    if time.time() - measured > DAY or size > limit:
        done = shrink(cache, limit)
        measured, size = time.time(), done.size
        if done.removed:
            reporter.note(
                f"The cache was larger than its limit of {size_text(limit)}; "
                f"removed {len(done.removed)} entries, {size_text(done.freed)}"
            )
    write_text(cache.path(_NOTE), json.dumps({"measured": measured, "size": size}))
    cache.made.clear()


def _noted(cache: Cache) -> tuple[float, int]:
    """Return when all of the cache was measured last, and how large it is at least; both 0 if that is unknown."""
    with suppress(OSError, ValueError, TypeError, LookupError):
        facts = parse_json(read_text(cache.path(_NOTE)))
        return float(facts["measured"]), int(facts["size"])
    return 0.0, 0


def let_go(cache: Cache) -> None:
    """Use nothing of ``cache`` any longer, but for the builds that were kept: whoever kept them wants to see them."""
    kept = [name for name in cache.uses.names if name.startswith(f"{KEPT_BUILDS}/")]
    cache.uses.release()
    for name in kept:
        cache.uses.add(name, file=cache.uses_file)
