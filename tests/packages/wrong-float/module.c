void *PyInit_wrong_float(void) { return (void *)0; }

/* Its argument comes in an integer register, and not where the host puts it. */
double half(double number) { return number / 2; }
