import os
import re
from glob import glob

from setuptools import Extension, setup

# What many a setup.py does instead of asking the compiler.
with open("/usr/include/zlib.h") as file:
    version = re.search(r'ZLIB_VERNUM 0x([0-9a-f]+)', file.read())[1]
facts = {
    "TOLD_ZLIB": f"0x{version}",
    "HAS_YAML": int(bool(glob("/usr/include/yaml*.h"))),
    "HAS_MAGIC": int(os.path.exists("/usr/include/magic.h")),
}
setup(name="headed", version="1.0", py_modules=[],
      ext_modules=[Extension("headed", ["headed.c"], define_macros=[(name, str(value)) for name, value in facts.items()])])
