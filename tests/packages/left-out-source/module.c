#include <Python.h>

long answer_of_the_other_source(void);

static PyObject *answer(PyObject *self, PyObject *nothing)
{
    return PyLong_FromLong(answer_of_the_other_source());
}

static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "left_out", NULL, 0, methods};

PyMODINIT_FUNC PyInit_left_out(void)
{
    return PyModule_Create(&module);
}
