import os
import shlex
import subprocess
import sysconfig

from setuptools import Extension, setup


def runs(code):
    """Compile a program, and let a shell run it."""
    with open("probe.c", "w") as file:
        file.write(code)
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC"))
    subprocess.run([*compiler, "probe.c", "-o", "shell-probe"], check=True)
    return subprocess.call("./shell-probe 2>/dev/null", shell=True) == 0


wide = runs("int main(void) { return sizeof(int) != 4; }\n")
setup(name="shellprobed", version="1.0", py_modules=[],
      ext_modules=[Extension("shellprobed", ["shellprobed.c"], define_macros=[("WIDE", str(int(wide)))])])
