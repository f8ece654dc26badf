import os
import time
from datetime import date
from pathlib import Path

from setuptools import Extension, setup

build = Path("not_reproducible")
build.mkdir(exist_ok=True)
Path(build, "__init__.py").write_text("")
Path(build, "about.py").write_text(f"time = {int(time.time())}\n")
Path(build, "version.py").write_text(f"built = {date.today().isoformat()!r}\n")
Path(build, "paths.py").write_text(f"home = {os.path.expanduser('~')!r}\nuser = {os.environ.get('USER')!r}\n")
Path(build, "machine.py").write_text(f"cpus = {len(os.sched_getaffinity(0))}\n")
where = [("DIRECTORY", f'"{Path.cwd()}"')]
setup(packages=["not_reproducible"], ext_modules=[Extension("not_reproducible.native", ["native.c"], define_macros=where)])
