"""Symbols and debugging data taken out of an image's machine code."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING

from crossbuild.errors import InstallError
from crossbuild.host.reading.files import begins_with
from crossbuild.platforms.elf import ELF_MAGIC, read_elf
from crossbuild.system.processes import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crossbuild.image.staged import Staged, StagedFile
    from crossbuild.system.processes import Runner

# Object files are still to be linked, by their symbols.
_LINKED = ("ET_DYN", "ET_EXEC")


def strip_all(staged: Iterable[Staged], *, strip: Path, runner: Runner, environ: Mapping[str, str]) -> None:
    """Strip the libraries and programs of ``staged`` where they are.

    What ``strip`` fails on, or damages, stays as it was, with a warning: GNU's breaks libraries that patchelf has laid
    out anew. Raises InstallError where it is no program.
    """
    for one in staged:
        for file in one.files:
            if _is_linked(file):
                _strip(file, strip, runner, environ)


def _strip(file: StagedFile, strip: Path, runner: Runner, environ: Mapping[str, str]) -> None:
    stripped = file.source.with_suffix(".stripped")
    try:
        runner.run([str(strip), "--strip-unneeded", "-o", str(stripped), str(file.source)], environ=environ)
    except CommandFailedError as error:
        runner.reporter.warning(f"{file.path} was not stripped: {error.why}")
        stripped.unlink(missing_ok=True)
        return
    except OSError as error:
        raise InstallError(f"{strip} cannot be run.", why=str(error), fix="Name a strip for the host.") from None
    if _is_whole(stripped, file.source):
        shutil.copymode(file.source, stripped)
        stripped.replace(file.source)
    else:
        runner.reporter.warning(f"{file.path} was not stripped: {strip.name} damages it.")
        stripped.unlink(missing_ok=True)


def _is_linked(file: StagedFile) -> bool:
    try:
        is_elf = begins_with(file.source, ELF_MAGIC)
        return is_elf and read_elf(str(file.path), file.source.read_bytes(), symbols=False).kind in _LINKED
    except ValueError:
        return False


def _is_whole(stripped: Path, original: Path) -> bool:
    """Whether the loader finds in ``stripped`` what it finds in ``original``, and can map it."""
    try:
        before, after = original.read_bytes(), stripped.read_bytes()
        same = read_elf("", before, symbols=False) == read_elf("", after, symbols=False)
        return same and _is_loadable(after)
    except (OSError, ValueError):
        return False


def _is_loadable(content: bytes) -> bool:
    """Whether each segment has the same place in its page in the file and in memory (System V gABI, ``p_align``)."""
    from elftools.elf.elffile import ELFFile

    loaded = [segment for segment in ELFFile(io.BytesIO(content)).iter_segments() if segment["p_type"] == "PT_LOAD"]
    return all(
        not segment["p_align"] or (segment["p_offset"] - segment["p_vaddr"]) % segment["p_align"] == 0
        for segment in loaded
    )
