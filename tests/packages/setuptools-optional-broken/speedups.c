#include <Python.h>
#include <a_library_that_the_host_lacks.h>
