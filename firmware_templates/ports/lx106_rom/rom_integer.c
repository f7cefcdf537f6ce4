/* Integer arithmetic that gcc calls for and its LX106 library lacks: the ESP8266 has these functions in its ROM.
 *
 * They take another number of instructions than the ROM's. Source of the names and results: GCC Internals, "Routines
 * for integer arithmetic".
 */
#include <stdint.h>

int64_t __muldi3(int64_t a, int64_t b);
uint64_t __umulsidi3(uint32_t a, uint32_t b);
int32_t __divsi3(int32_t a, int32_t b);
uint32_t __udivsi3(uint32_t a, uint32_t b);
uint32_t __umodsi3(uint32_t a, uint32_t b);
int64_t __divdi3(int64_t a, int64_t b);
uint64_t __udivdi3(uint64_t a, uint64_t b);
uint64_t __umoddi3(uint64_t a, uint64_t b);

/* The core multiplies 16 bits by 16, and keeps the lower half of 32 by 32. */
uint64_t __umulsidi3(uint32_t a, uint32_t b)
{
    const uint32_t a0 = a & 0xFFFFu, a1 = a >> 16, b0 = b & 0xFFFFu, b1 = b >> 16;
    const uint32_t low = a0 * b0, cross = a0 * b1, other = a1 * b0;
    const uint32_t middle = (low >> 16) + (cross & 0xFFFFu) + (other & 0xFFFFu);
    const uint32_t high = a1 * b1 + (cross >> 16) + (other >> 16) + (middle >> 16);

    return (uint64_t)high << 32 | (middle << 16 | (low & 0xFFFFu));
}

int64_t __muldi3(int64_t a, int64_t b)
{
    const uint32_t a0 = (uint32_t)a, a1 = (uint32_t)((uint64_t)a >> 32);
    const uint32_t b0 = (uint32_t)b, b1 = (uint32_t)((uint64_t)b >> 32);
    const uint64_t product = __umulsidi3(a0, b0);
    const uint32_t high = (uint32_t)(product >> 32) + a0 * b1 + a1 * b0;

    return (int64_t)((uint64_t)high << 32 | (uint32_t)product);
}

/* Quotient; the remainder stays in *n. Division by zero gives all ones. */
static uint32_t divide32(uint32_t *n, uint32_t d)
{
    uint32_t quotient = 0;

    if (d == 0) {
        return UINT32_MAX;
    }
    if (*n >= d) {
        int shift = __builtin_clz(d) - __builtin_clz(*n);

        for (d <<= shift; shift >= 0; shift--, d >>= 1) {
            quotient <<= 1;
            if (*n >= d) {
                *n -= d;
                quotient |= 1u;
            }
        }
    }
    return quotient;
}

static uint64_t divide64(uint64_t *n, uint64_t d)
{
    uint64_t quotient = 0;

    if (d == 0) {
        return UINT64_MAX;
    }
    if (*n >= d) {
        int shift = __builtin_clzll(d) - __builtin_clzll(*n);

        for (d <<= shift; shift >= 0; shift--, d >>= 1) {
            quotient <<= 1;
            if (*n >= d) {
                *n -= d;
                quotient |= 1u;
            }
        }
    }
    return quotient;
}

uint32_t __udivsi3(uint32_t a, uint32_t b)
{
    return divide32(&a, b);
}

uint32_t __umodsi3(uint32_t a, uint32_t b)
{
    (void)divide32(&a, b);
    return a;
}

int32_t __divsi3(int32_t a, int32_t b)
{
    uint32_t n = a < 0 ? 0u - (uint32_t)a : (uint32_t)a;
    const uint32_t quotient = divide32(&n, b < 0 ? 0u - (uint32_t)b : (uint32_t)b);

    return (int32_t)((a < 0) != (b < 0) ? 0u - quotient : quotient);
}

uint64_t __udivdi3(uint64_t a, uint64_t b)
{
    return divide64(&a, b);
}

uint64_t __umoddi3(uint64_t a, uint64_t b)
{
    (void)divide64(&a, b);
    return a;
}

int64_t __divdi3(int64_t a, int64_t b)
{
    uint64_t n = a < 0 ? 0u - (uint64_t)a : (uint64_t)a;
    const uint64_t quotient = divide64(&n, b < 0 ? 0u - (uint64_t)b : (uint64_t)b);

    return (int64_t)((a < 0) != (b < 0) ? 0u - quotient : quotient);
}
