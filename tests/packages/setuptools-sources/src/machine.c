#include "facts.h"

int machine_facts(PyObject *facts)
{
    const unsigned short one = 1;
    if (set_fact(facts, "sizeof_long", PyLong_FromSize_t(sizeof(long))) < 0 ||
        set_fact(facts, "sizeof_pointer", PyLong_FromSize_t(sizeof(void *))) < 0)
        return -1;
    return set_fact(facts, "little_endian", PyLong_FromLong(*(const unsigned char *)&one));
}
