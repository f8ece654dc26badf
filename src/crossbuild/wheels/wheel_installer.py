"""Wheels installed by PyPA's installer, wherever they go: with the same metadata, and one error for a bad wheel."""

from __future__ import annotations

import warnings
import zipfile
from typing import TYPE_CHECKING

from installer import install
from installer.exceptions import InstallerError
from installer.sources import WheelFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.destinations import WheelDestination

    from crossbuild.errors import CrossbuildError


def put_wheel(
    wheel: Path, destination: WheelDestination, *, metadata: Mapping[str, bytes], error: type[CrossbuildError]
) -> None:
    """Install ``wheel`` into ``destination``, with the files ``metadata`` beside those of its ``.dist-info``.

    Raises ``error`` for a wheel that cannot be installed, or would write anywhere else, and OSError.
    """
    try:
        with WheelFile.open(wheel) as source, warnings.catch_warnings():
            # Of bytecode in wheels, which is left out.
            warnings.simplefilter("ignore", RuntimeWarning)
            install(source, destination, additional_metadata={"INSTALLER": b"crossbuild\n", **metadata})
    except (ValueError, AssertionError, LookupError, zipfile.BadZipFile, InstallerError) as cause:
        raise error(
            f"{wheel.name} cannot be installed.",
            why=str(cause) or "Its metadata is damaged.",
            fix="The file is corrupt or malicious. Download it again.",
        ) from None


def project_of(wheel: Path) -> str:
    """Return the project as the name of ``wheel`` spells it: so is the directory of its headers called."""
    return wheel.name.partition("-")[0]
