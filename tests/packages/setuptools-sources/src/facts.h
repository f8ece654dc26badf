#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* What the compiler thinks of the machine. */
int machine_facts(PyObject *facts);

/* What the headers of Python think of it. */
int header_facts(PyObject *facts);

int set_fact(PyObject *facts, const char *name, PyObject *value);
