from setuptools_sources._facts import facts

__all__ = ["facts"]
