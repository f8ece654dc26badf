int shared_answer(void)
{
    return 42;
}
