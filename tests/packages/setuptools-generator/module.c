#include <Python.h>
#include "table.h"

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "setuptools_generator"};

PyMODINIT_FUNC PyInit_setuptools_generator(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module)
        PyModule_AddIntConstant(module, "answer", ANSWER);
    return module;
}
