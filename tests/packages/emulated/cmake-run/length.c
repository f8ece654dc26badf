#include <sys/utsname.h>

/* How long the machine's name is. */
int main(void)
{
    struct utsname name;
    int length = 0;
    if (uname(&name))
        return 200;
    while (name.machine[length])
        length++;
    return length;
}
