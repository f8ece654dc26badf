int library_little(void);
int library_machine(char *into, unsigned long size);
