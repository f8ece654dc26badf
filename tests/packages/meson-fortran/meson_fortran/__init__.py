from meson_fortran import _facts, _fortran


def facts():
    answer, text = _fortran.total([1.5, 2, 0.25])
    assert answer == 3.75
    return {**_facts.facts(), "total": text.decode()}
