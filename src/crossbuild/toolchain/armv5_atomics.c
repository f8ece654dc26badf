/* Atomic operations for Arm CPUs before ARMv6, which have no instructions for them: the kernel has.

   For Linux, compilers call these functions by the names of GCC's libgcc (config/arm/linux-atomic.c there), and zig's
   own run-time library lacks them. They stay inside whatever is linked: all of them are hidden.

   Source: the kernel's Documentation/arch/arm/kernel_user_helpers.rst, for the addresses and what is found there. */

typedef unsigned char u1;
typedef unsigned short u2;
typedef unsigned int u4;
typedef unsigned long long u8;
typedef signed char s1;
typedef signed short s2;
typedef signed int s4;
typedef signed long long s8;

typedef int (*exchange_word)(u4 old, u4 wanted, volatile u4 *place);
typedef int (*exchange_double)(const u8 *old, const u8 *wanted, volatile u8 *place);
typedef void (*barrier)(void);

#define HIDDEN(name) __asm__(name) __attribute__((visibility("hidden")))

static int replace_4(volatile u4 *place, u4 old, u4 wanted) {
    return ((exchange_word)0xffff0fc0)(old, wanted, place) == 0;
}

static int replace_8(volatile u8 *place, u8 old, u8 wanted) {
    return ((exchange_double)0xffff0f60)(&old, &wanted, place) == 0;
}

/* What is smaller than a word is replaced with the word around it; that some other part of it changed counts as a
   failure, after which every caller tries again. */
static int replace_part(unsigned long place, u4 mask, u4 old, u4 wanted) {
    volatile u4 *word = (volatile u4 *)(place & ~3ul);
    unsigned shift = (place & 3) * 8;
    u4 whole = *word;
    if (((whole >> shift) & mask) != old)
        return 0;
    return replace_4(word, whole, (whole & ~(mask << shift)) | (wanted << shift));
}

static int replace_1(volatile u1 *place, u1 old, u1 wanted) {
    return replace_part((unsigned long)place, 0xff, old, wanted);
}

static int replace_2(volatile u2 *place, u2 old, u2 wanted) {
    return replace_part((unsigned long)place, 0xffff, old, wanted);
}

/* The value returned is the one that was replaced, so it is right also where reading it takes two instructions. */
#define FUNCTION(name, size, parameters, result)                                                                      \
    u##size name##_##size parameters HIDDEN("__sync_" #name "_" #size);                                               \
    u##size name##_##size parameters {                                                                                \
        u##size old;                                                                                                  \
        do                                                                                                            \
            old = *place;                                                                                             \
        while (!replace_##size(place, old, (u##size)(result)));                                                       \
        return old;                                                                                                   \
    }

#define OPERATION(name, size, result) FUNCTION(name, size, (volatile u##size * place, u##size operand), result)

#define OPERATIONS(size)                                                                                              \
    FUNCTION(val_compare_and_swap, size, (volatile u##size * place, u##size expected, u##size wanted),                \
             old == expected ? wanted : old)                                                                          \
    OPERATION(lock_test_and_set, size, operand)                                                                       \
    OPERATION(fetch_and_add, size, old + operand)                                                                     \
    OPERATION(fetch_and_sub, size, old - operand)                                                                     \
    OPERATION(fetch_and_and, size, old &operand)                                                                      \
    OPERATION(fetch_and_or, size, old | operand)                                                                      \
    OPERATION(fetch_and_xor, size, old ^ operand)                                                                     \
    OPERATION(fetch_and_nand, size, ~(old & operand))                                                                 \
    OPERATION(fetch_and_max, size, (s##size)old > (s##size)operand ? old : operand)                                   \
    OPERATION(fetch_and_min, size, (s##size)old < (s##size)operand ? old : operand)                                   \
    OPERATION(fetch_and_umax, size, old > operand ? old : operand)                                                    \
    OPERATION(fetch_and_umin, size, old < operand ? old : operand)

OPERATIONS(1)
OPERATIONS(2)
OPERATIONS(4)
OPERATIONS(8)

void synchronize(void) HIDDEN("__sync_synchronize");
void synchronize(void) { ((barrier)0xffff0fa0)(); }
