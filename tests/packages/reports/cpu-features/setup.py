from setuptools import Extension, setup

try:
    with open("/proc/cpuinfo") as file:
        flags = file.read().split()
except OSError:
    flags = []
simd = "sse2" in flags
setup(name="vectored", version="1.0", py_modules=[],
      ext_modules=[Extension("vectored", ["vectored.c"], define_macros=[("SIMD", str(int(simd)))])])
