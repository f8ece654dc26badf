"""A library for other projects to compile against, as numpy is one: a header that the build makes, and an archive."""

from pathlib import Path

include = Path(__file__).with_name("include")
lib = Path(__file__).with_name("lib")
