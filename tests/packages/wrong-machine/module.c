void *PyInit_wrong_machine(void) { return (void *)0; }
