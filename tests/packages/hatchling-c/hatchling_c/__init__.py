from hatchling_c._facts import facts

__all__ = ["facts"]
