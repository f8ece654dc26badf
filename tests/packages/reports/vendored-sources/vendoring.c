#include <Python.h>
#include <tiny.h>
#define ANSWER tiny_answer()

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "vendoring", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_vendoring(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "answer", ANSWER);
    return m;
}
