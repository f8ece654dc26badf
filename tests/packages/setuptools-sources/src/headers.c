#include "facts.h"

int header_facts(PyObject *facts)
{
    if (set_fact(facts, "SIZEOF_LONG", PyLong_FromLong(SIZEOF_LONG)) < 0 ||
        set_fact(facts, "SIZEOF_VOID_P", PyLong_FromLong(SIZEOF_VOID_P)) < 0 ||
        set_fact(facts, "PY_LITTLE_ENDIAN", PyLong_FromLong(PY_LITTLE_ENDIAN)) < 0)
        return -1;
    return set_fact(facts, "PY_VERSION", PyUnicode_FromString(PY_VERSION));
}
