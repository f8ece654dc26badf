"""Bills of materials as texts: CycloneDX 1.6, the same for the same facts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom


def bill_text(bom: Bom, *, timestamp: int | None = None) -> str:
    """Return ``bom`` as JSON. ``timestamp``: seconds since 1970; by default it says no time."""
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion

    if timestamp is not None:
        bom.metadata.timestamp = datetime.fromtimestamp(timestamp, UTC)
    text = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    return f"{text}\n" if timestamp is not None else _without_time(text)


def _without_time(text: str) -> str:
    # cyclonedx-python-lib always gives the time of day, and the same facts would never give the same text.
    document = json.loads(text)
    document["metadata"].pop("timestamp", None)
    return json.dumps(document, indent=2) + "\n"
