"""What each native build tool needs to be told about a host, in its own words: files and variables.

In come a host, its compilers and the directory of a build; out come files in that directory (``build_layout.py`` names
its parts), programs that answer for the host on the ``PATH`` of hooks, and the variables that lead tools to it all.
There is a file for each tool or family of tools; longer scripts lie beside it (``meson.sh``, ``config.site``).
``building`` calls all this for each build, and reads back what the build did not find. ``export`` writes the same texts
for builds outside crossbuild, and ``diagnosis`` asks pkg-config. ``wheelhouse`` owns the jobserver, for several builds
at once.
"""
