"""Puts into the wheel what the build Python says when a hook asks it, and which variables the hook sees."""

import json
import os
import subprocess
import sys
import sysconfig

from flit_core import buildapi
from flit_core.buildapi import build_sdist, get_requires_for_build_sdist, get_requires_for_build_wheel

__all__ = ["build_sdist", "build_wheel", "get_requires_for_build_sdist", "get_requires_for_build_wheel"]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    seen = {
        "settings": config_settings,
        "platform": sysconfig.get_platform(),
        "machine": os.uname().machine,
        "config vars": sysconfig.get_config_vars(),
        "executable": sys.executable,
        "build python": ask(os.environ["BUILD_PYTHON"], "-m", "sysconfig"),
        "python3": ask("python3", "-c", "import sysconfig; print(sysconfig.get_platform())"),
        "environ": dict(os.environ),
    }
    with open("build_python_facts/facts.json", "w") as file:
        json.dump(seen, file)
    return buildapi.build_wheel(wheel_directory, config_settings, metadata_directory)


def ask(*command):
    return subprocess.check_output(command, text=True)
