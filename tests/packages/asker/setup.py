"""Finds out by asking this machine, and goes on if that fails, as some projects do."""

import os
import shlex
import subprocess

from setuptools import Extension, setup

subprocess.check_call([*shlex.split(os.environ["CC"]), "probe.c", "-o", "probe"])

with open("/proc/cpuinfo") as file:
    vectors = "avx" in file.read()


try:
    subprocess.call(["./probe"])
except OSError:
    pass

setup(ext_modules=[Extension("asker", ["m.c"])])
