"""``crossbuild cache``: show the size of the cache, and remove unused entries."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from crossbuild.cli import values
from crossbuild.cli.manual import Command, Group
from crossbuild.cli.option_values import cache_limit, output_options
from crossbuild.cli.options import CACHE_DIR, CACHE_LIMIT, under, with_options
from crossbuild.terminal.printable import printable
from crossbuild.terminal.quantities import size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crossbuild.api.cache_calls import Cache
    from crossbuild.cli.option_values import Output
    from crossbuild.upkeep.removal import CacheEntry, CacheRemoval
    from crossbuild.upkeep.survey import CacheInfo

    Words = dict[str, Any]

_what = under("What to remove")


@click.group(
    cls=Group,
    short_help="Show the size of the cache, and remove unused entries.",
    common=True,
    sections=(("Examples", "crossbuild cache info"),),
)
def cache() -> None:
    """Downloads, compilers, wheels and sysroots that crossbuild keeps for later builds, and kept build directories.

    Entries in use by a running build are skipped. Cross environments, and sysroots in directories of their own, are
    listed but never removed.
    """


@cache.command("dir", cls=Command, sections=(("Examples", "crossbuild cache dir"),))
@with_options(CACHE_DIR)
@output_options()
def dir_(**words: Any) -> int:
    """Print the path of the cache."""
    return _run(words, lambda one: {"directory": str(one.directory)}, lambda facts: str(facts["directory"]))


@cache.command(cls=Command, sections=(("Examples", "crossbuild cache info"),))
@with_options(CACHE_DIR, CACHE_LIMIT)
@output_options()
def info(**words: Any) -> int:
    """Show number, size on disk and last use of the entries, by kind.

    The total includes kept build directories, wherever they are. Hard links are counted once.
    """
    return _run(words, lambda one: _info_facts(one.info()), _info_text)


@cache.command(
    cls=Command,
    sections=(
        (
            "Examples",
            """\
            crossbuild cache prune
            crossbuild cache prune --max-size 5G
            crossbuild cache prune --unused-for 30
            """,
        ),
    ),
)
@with_options(
    _what(
        "--max-size",
        metavar="SIZE",
        callback=values.size,
        help="Also shrink the cache to SIZE, such as 5G. The least recently used entries go first. "
        "Default: --cache-max-size, if it is set.",
    ),
    _what(
        "--unused-for",
        metavar="DAYS",
        type=click.FloatRange(min=0),
        help="Also remove entries that were not used for DAYS days.",
    ),
    CACHE_DIR,
    CACHE_LIMIT,
)
@output_options()
def prune(*, max_size: int | None, unused_for: float | None, **words: Any) -> int:
    """Remove entries that are no longer needed.

    These are entries that only other versions of crossbuild use, leftovers of killed processes, and build directories
    that were kept more than a week ago. With a size limit, the least recently used entries are removed as well.
    """
    return _run(
        words, lambda one: _removal_facts(one, one.prune(max_size=max_size, unused_for=unused_for)), _removal_text
    )


@cache.command(
    cls=Command,
    sections=(("Examples", "crossbuild cache clear kept-builds host-wheels"),),
)
@click.argument("kinds", nargs=-1, metavar="[KIND]...")
@with_options(CACHE_DIR)
@output_options()
def clear(*, kinds: tuple[str, ...], **words: Any) -> int:
    """Remove all entries, or only those of the given KINDs, without asking.

    `crossbuild cache info` lists the kinds.
    """
    return _run(words, lambda one: _removal_facts(one, one.clear(kinds)), _removal_text)


def _run(words: Words, act: Callable[[Cache], Words], show: Callable[[Words], str]) -> int:
    """Call ``act`` with the cache that ``words`` name; print what it returns as JSON, or as ``show`` shows it."""
    from crossbuild.cli.outcome import guarded

    output: Output = words["output"]

    def work(_: object) -> None:
        from crossbuild.api.cache_calls import Cache

        limit = cache_limit(words["cache_max_size"]) if "cache_max_size" in words else 0
        facts = act(Cache(cache_dir=words["cache_dir"], cache_max_size=limit, environ=os.environ))
        click.echo(json.dumps({**facts, "error": None}, indent=2) if output.json else printable(show(facts)))

    return guarded(work, output)


def _info_facts(found: CacheInfo) -> Words:
    return {
        "directory": str(found.directory),
        "size": found.size,
        "limit": found.limit,
        "kinds": [
            {
                "kind": one.name,
                "description": one.description,
                "entries": one.entries,
                "size": one.size,
                "last_used": one.last_used.isoformat(timespec="seconds"),
            }
            for one in found.kinds
        ],
        "other": found.other,
        "elsewhere": [{"kind": one.kind, "path": str(one.path), "size": one.size} for one in found.elsewhere],
    }


def _removal_facts(cache: Cache, done: CacheRemoval) -> Words:
    return {
        "directory": str(cache.directory),
        "removed": list(map(_entry_facts, done.removed)),
        "skipped": [{**_entry_facts(one), "reason": one.reason} for one in done.skipped],
        "freed": done.freed,
        "size": done.size,
        "environments": list(map(str, done.environments)),
    }


def _entry_facts(one: CacheEntry) -> Words:
    return {"kind": one.kind, "path": str(one.path), "size": one.size}


def _info_text(facts: Words) -> str:
    rows = [("Kind", "Entries", "Size", "Last used", "")]
    rows += [
        (one["kind"], str(one["entries"]), size_text(one["size"]), one["last_used"][:10], one["description"])
        for one in facts["kinds"]
    ]
    rows.append(("other", "", size_text(facts["other"]), "", "locks, records, leftovers"))
    rows.append(("total", "", size_text(facts["size"]), "", _limit_text(facts["limit"])))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [facts["directory"], *(_line(row, widths) for row in rows)]
    if facts["elsewhere"]:
        lines.append("Elsewhere, and never removed:")
        lines += [f"  {one['path']}  {size_text(one['size'])}" for one in facts["elsewhere"]]
    return "\n".join(lines)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    kind, entries, size, last_used, description = widths
    return (
        f"{row[0]:{kind}}  {row[1]:>{entries}}  {row[2]:>{size}}  {row[3]:{last_used}}  {row[4]:{description}}".rstrip()
    )


def _limit_text(limit: int | None) -> str:
    return "no limit" if limit is None else f"limit: {size_text(limit)}"


def _removal_text(facts: Words) -> str:
    removed, skipped, left = facts["removed"], facts["skipped"], size_text(facts["size"])
    if removed:
        lines = [f"Removed {_count(removed)}: {size_text(facts['freed'])} freed, {left} left", *_by_kind(removed)]
    else:
        lines = [f"Nothing was removed: {left} left"]
    for reason in dict.fromkeys(one["reason"] for one in skipped):
        same = [one for one in skipped if one["reason"] == reason]
        lines += [f"Skipped {_count(same)}, {reason}:", *_by_kind(same)]
    lines += [f"Create this cross environment again: {path}" for path in facts["environments"]]
    return "\n".join(lines)


def _by_kind(entries: Sequence[Words]) -> Iterator[str]:
    """Yield a line for each kind of ``entries``; one that is alone is named."""
    for kind in dict.fromkeys(one["kind"] for one in entries):
        same = [one for one in entries if one["kind"] == kind]
        yield f"  {kind}: {same[0]['path'] if len(same) == 1 else _count(same)}"


def _count(entries: Sequence[Words]) -> str:
    return "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
