#include "library.h"

#include <stdio.h>

/* The library's tests: they write down what they saw. */
int main(void)
{
    char machine[64];
    if (library_machine(machine, 1) == 0 || library_machine(machine, sizeof machine) != 0)
        return 1;
    printf("#define MACHINE \"%s\"\n#define POINTER %d\n", machine, (int)sizeof(void *));
    printf("#define LITTLE %d\n", library_little());
    return 0;
}
