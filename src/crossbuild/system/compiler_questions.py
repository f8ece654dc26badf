"""How to tell what a build compiles from the questions that it puts to a compiler, in what builds print."""

from __future__ import annotations

import re

COLOUR = re.compile(r"\x1b\[[\d;]*[A-Za-z]")
"""What a terminal takes for a colour."""
# Where tools keep the sources of the questions that they put to a compiler: autoconf, distutils, CMake, Meson, SCons,
# waf, the cc crate; and files that Python's tempfile names.
PROBE = re.compile(
    r"(?:^|/)(?:conftest\.|_configtest\.|CMakeScratch/|CMakeTmp/|TryCompile-|cmTC_|meson-private/|testfile\.c"
    r"|flag_check\.|\.sconf_temp/|\.conf_check_|tmp[a-z0-9_]{8}[/.][^/]*$)|^/(?:var/)?tmp/[^/]+$"
)
PROBE_COMMAND = re.compile(r"conftest|_configtest|cmTC_|meson-private|(?:[\s/]tmp|/tmp[a-z0-9_]{8})/[^/\s]+\.o\b")
