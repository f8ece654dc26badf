"""The content of a file, in memory or mapped into it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from mmap import mmap
    from typing import IO

    Content = bytes | mmap


def stream_of(content: Content) -> IO[bytes]:
    """Return ``content`` as a file that can be read."""
    # What is mapped reads and seeks like an open file, if not by its type.
    return io.BytesIO(content) if isinstance(content, bytes) else cast("IO[bytes]", content)
