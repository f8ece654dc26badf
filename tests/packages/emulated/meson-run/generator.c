#include <stdio.h>
#include <sys/utsname.h>

/* Asks the kernel, which no compiler can answer for. */
int main(void)
{
    struct utsname name;
    int one = 1;
    if (uname(&name))
        return 1;
    printf("#define MACHINE \"%s\"\n#define POINTER %d\n", name.machine, (int)sizeof(void *));
    printf("#define LITTLE %d\n", *(char *)&one);
    return 0;
}
