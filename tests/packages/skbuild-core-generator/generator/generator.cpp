#include <iostream>

extern "C" int answer();

int main()
{
    std::cout << "#define ANSWER " << answer() << std::endl;
}
