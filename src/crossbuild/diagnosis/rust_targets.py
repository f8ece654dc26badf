"""Rust on this machine: cargo, rustc, and the standard libraries that they have."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.diagnosis.finding import Finding
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Mapping

_RUSTUP = "Install rustup (https://rustup.rs)"


def check_rust(environ: Mapping[str, str], triple: str = "") -> Finding:
    """Return whether crates can be built, and for which machines; ``triple`` is the one that is wanted."""
    path = environ.get("PATH", os.defpath)
    rustc, cargo = (shutil.which(name, path=path) for name in ("rustc", "cargo"))
    target = f", then type: rustup target add {triple}" if triple else ""
    if not (rustc and cargo):
        lacking = " and ".join(name for name, found in (("rustc", rustc), ("cargo", cargo)) if not found)
        return _absent(f"no {lacking} on PATH; only projects with Rust need it", _RUSTUP + target)
    version, sysroot = _ask(rustc, "--version", environ), _ask(rustc, "--print=sysroot", environ)
    if not sysroot:
        return Finding(
            subject="Rust", state="warning", detail=f"{rustc} does not answer", remedy="rustup default stable"
        )
    installed = sorted(found.parent.name for found in Path(sysroot, "lib/rustlib").glob("*/lib"))
    if triple and triple not in installed:
        # Only rustup, which leaves its manifest there, can add a target to the Rust that is there.
        of_rustup = Path(sysroot, "lib/rustlib/multirust-channel-manifest.toml").exists()
        detail = f"{version} has no standard library for {triple}"
        return _absent(detail, f"rustup target add {triple}" if of_rustup else _RUSTUP + target)
    return Finding(subject="Rust", state="ok", detail=f"{version}, for {triple or ', '.join(installed)}")


def _absent(detail: str, remedy: str) -> Finding:
    return Finding(subject="Rust", state="absent", detail=detail, remedy=remedy)


def _ask(rustc: str, question: str, environ: Mapping[str, str]) -> str:
    try:
        done = run_program([rustc, question], env=environ, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
