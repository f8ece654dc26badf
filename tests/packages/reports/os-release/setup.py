import platform

from setuptools import Extension, setup

with open("/etc/os-release") as file:
    opened = dict(line.rstrip().split("=", 1) for line in file if "=" in line)["ID"].strip('"')
asked = platform.freedesktop_os_release()["ID"]
facts = {"OPENED": f'"{opened}"', "ASKED": f'"{asked}"'}
setup(name="released", version="1.0", py_modules=[],
      ext_modules=[Extension("released", ["released.c"], define_macros=list(facts.items()))])
