int library_long_bits(void)
{
    return 8 * (int)sizeof(long);
}
