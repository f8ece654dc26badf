"""A sample."""

from skbuild_legacy._facts import facts

__all__ = ["facts"]
