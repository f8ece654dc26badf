#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <numpy/arrayobject.h>
#include <numpy/halffloat.h>

/* What the compiler thinks of the machine, and what the headers of Python and numpy do. */
static PyObject *facts(PyObject *self, PyObject *nothing)
{
    const unsigned short one = 1;
    return Py_BuildValue(
        "{s:i,s:i,s:i,s:i,s:i,s:i,s:s,s:i,s:i,s:i,s:d}",
        "sizeof_long", (int)sizeof(long), "SIZEOF_LONG", SIZEOF_LONG,
        "sizeof_pointer", (int)sizeof(void *), "SIZEOF_VOID_P", SIZEOF_VOID_P,
        "little_endian", (int)*(const unsigned char *)&one, "PY_LITTLE_ENDIAN", PY_LITTLE_ENDIAN,
        "PY_VERSION", PY_VERSION,
        "numpy_long", NPY_SIZEOF_LONG,
        "sizeof_long_double", (int)sizeof(long double), "numpy_long_double", NPY_SIZEOF_LONGDOUBLE,
        "one", npy_half_to_double(0x3c00));
}

/* The sum of an array of numbers. */
static PyObject *total(PyObject *self, PyObject *numbers)
{
    if (_import_array() < 0) {
        return NULL;
    }
    PyArrayObject *array = (PyArrayObject *)PyArray_FROMANY(numbers, NPY_DOUBLE, 1, 1, NPY_ARRAY_CARRAY);
    if (!array) {
        return NULL;
    }
    double sum = 0;
    for (npy_intp i = 0; i < PyArray_SIZE(array); i++) {
        sum += *(double *)PyArray_GETPTR1(array, i);
    }
    Py_DECREF(array);
    return PyFloat_FromDouble(sum);
}

static PyMethodDef methods[] = {{"facts", facts, METH_NOARGS, NULL}, {"total", total, METH_O, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "skbuild_core_numpy", NULL, 0, methods};

PyMODINIT_FUNC PyInit_skbuild_core_numpy(void)
{
    return PyModule_Create(&module);
}
