#include <Python.h>
#include <answer.h>
#define ANSWER shared_answer()

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "linkedup", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_linkedup(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "answer", ANSWER);
    return m;
}
