#include <Python.h>

/* A function within a function: GCC takes it, clang does not. */
static int sum(int upto)
{
    int total = 0;
    void add(int n) { total += n; }
    for (int n = 1; n <= upto; n++)
        add(n);
    return total;
}
#define TOTAL sum(4)

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "nested", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_nested(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "total", TOTAL);
    return m;
}
