"""Build correctly tagged, verified Python wheels for a machine other than the one you are on."""

__version__ = "0.1.0"
