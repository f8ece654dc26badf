"""What every build has alike, whoever runs it, and whenever: its date, its locale, its time zone, its order of hashes.

Sources: reproducible-builds.org, "SOURCE_DATE_EPOCH" and "Variations in the build environment"; Python's documentation
of ``PYTHONHASHSEED``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crossbuild.sources.dates import source_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.options.passed_variables import Passed
    from crossbuild.sources.project import Source

_FIXED = {"LC_ALL": "C.UTF-8", "LANGUAGE": "", "TZ": "UTC", "PYTHONHASHSEED": "0"}
"""These are the user's own for what a person reads or tests, and not for what is built. tox sets a random seed."""


def steadied(passed: Passed, source: Source, environ: Mapping[str, str]) -> Passed:
    """Return the variables ``passed`` to a build of ``source``, which is where it is built, the same for every user.

    The user's date stays. ``environ`` is the environment that git runs in.
    """
    date = source_date(source, environ)
    dated = {} if date is None else {"SOURCE_DATE_EPOCH": str(date)}
    return replace(passed, host={**dated, **passed.host, **_FIXED})
