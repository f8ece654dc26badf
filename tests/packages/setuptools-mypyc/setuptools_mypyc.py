"""Compiled by mypyc, which writes an integer as a number of C where it fits into a pointer of the host, less a bit."""

from typing import Dict


def sums() -> Dict[str, int]:
    return {"small": 2**20 + 1, "beyond 32 bits": 2**40 + 1, "beyond 64 bits": 2**70 + 1}


def doubled(number: int) -> int:
    return number + number
