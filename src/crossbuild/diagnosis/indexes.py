"""Whether the indexes that distributions come from answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crossbuild.diagnosis.finding import Finding
from crossbuild.errors import CrossbuildError
from crossbuild.index.index import Index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.options.build_options import IndexOptions
    from crossbuild.system.cache import Cache

_PATIENCE = 5.0
"""Seconds that an index has to answer."""


def check_index(options: IndexOptions, environ: Mapping[str, str], cache: Cache) -> Finding:
    """Return whether all indexes answer, each asked for one page. Without them there is still what caches hold."""
    try:
        index = Index.from_options(options, environ=environ, cache=cache)
        if not index.settings.offline:
            index.check_answers(_PATIENCE)
    except CrossbuildError as error:
        return replace(Finding.from_error("index", error), state="warning", exit_code=0)
    if index.settings.offline:
        return Finding(subject="index", state="absent", detail="not asked: offline")
    return Finding(subject="index", state="ok", detail=index.settings.places)
