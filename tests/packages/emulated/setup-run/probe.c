#include <stdio.h>
#include <sys/auxv.h>
#include <sys/utsname.h>

/* Asks the kernel, which no compiler can answer for, also what the CPU can do. */
int main(void)
{
    struct utsname name;
    int one = 1;
    if (uname(&name))
        return 1;
    printf("#define MACHINE \"%s\"\n#define POINTER %d\n", name.machine, (int)sizeof(void *));
    printf("#define LITTLE %d\n#define FEATURES %lu\n", *(char *)&one, getauxval(AT_HWCAP));
    return 0;
}
