"""Stands for a copy of Meson that the project carries; meson-python runs it with the Python that it runs in."""

import sys

from mesonbuild.mesonmain import main

if __name__ == "__main__":
    sys.exit(main())
