"""Damaged wheels, ELF files and static libraries by the thousand: what reads them must not fail, hang or eat memory.

``python -m tests.fuzz --minutes 60 WHEEL...`` makes them of those wheels and of samples made to order. Each case is
known by the seed and its number: ``--case NUMBER`` runs it again.
"""
