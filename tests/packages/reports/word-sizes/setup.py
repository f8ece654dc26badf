import ctypes
import os
import sys

from setuptools import Extension, setup

facts = {
    "LONG_SIZE": ctypes.sizeof(ctypes.c_long),
    "POINTER_SIZE": ctypes.sizeof(ctypes.c_void_p),
    "SIZE_T_SIZE": ctypes.sizeof(ctypes.c_size_t),
    "LONG_BITS": os.sysconf("SC_LONG_BIT"),
    "WIDE": int(sys.maxsize > 2**32),
}
setup(name="wordy", version="1.0", py_modules=[],
      ext_modules=[Extension("wordy", ["wordy.c"], define_macros=[(name, str(value)) for name, value in facts.items()])])
