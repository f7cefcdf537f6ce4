/* Floating-point arithmetic that gcc calls for and its LX106 library lacks: the ESP8266 has these functions in its ROM.
 *
 * IEEE 754, rounded to nearest, ties to even, with subnormal numbers; a NaN result is the default quiet one. The core
 * has no floating-point registers: a float or double is passed as the integer of its bits. Both formats are unpacked
 * into one wide number, so that each operation exists once. Source of the names: GCC Internals, "Routines for floating
 * point emulation".
 */
#include <stdint.h>

typedef enum { ZERO, FINITE, INFINITE, NOT_A_NUMBER } number_kind;

/* A finite number is mantissa * 2^exponent with 2^62 <= mantissa < 2^63; its lowest bit also stands for all below. */
typedef struct {
    number_kind kind;
    uint32_t negative;
    int32_t exponent;
    uint64_t mantissa;
} number;

typedef struct {
    int32_t mantissa_bits, exponent_bits;
} format;

static const format single = {23, 8};
static const format twice = {52, 11};

#define TOP 62

uint32_t __addsf3(uint32_t a, uint32_t b);
uint32_t __subsf3(uint32_t a, uint32_t b);
uint32_t __mulsf3(uint32_t a, uint32_t b);
uint32_t __floatsisf(int32_t a);
uint32_t __floatunsisf(uint32_t a);
uint32_t __fixunssfsi(uint32_t a);
uint64_t __adddf3(uint64_t a, uint64_t b);
uint64_t __subdf3(uint64_t a, uint64_t b);
uint64_t __muldf3(uint64_t a, uint64_t b);
uint64_t __divdf3(uint64_t a, uint64_t b);
uint64_t __floatsidf(int32_t a);
uint64_t __floatunsidf(uint32_t a);
int32_t __fixdfsi(uint64_t a);
uint32_t __fixunsdfsi(uint64_t a);
uint64_t __extendsfdf2(uint32_t a);
uint32_t __truncdfsf2(uint64_t a);

static number special(number_kind kind, uint32_t negative)
{
    const number result = {kind, negative, 0, 0};

    return result;
}

static number normal(uint32_t negative, int32_t exponent, uint64_t mantissa)
{
    number result = {FINITE, negative, exponent, mantissa};

    if (mantissa == 0) {
        return special(ZERO, negative);
    }
    if (mantissa >> (TOP + 1) != 0) {
        result.mantissa = mantissa >> 1 | (mantissa & 1u);
        result.exponent++;
    } else {
        const int32_t shift = __builtin_clzll(mantissa) - (63 - TOP);
        result.mantissa <<= shift;
        result.exponent -= shift;
    }
    return result;
}

static number unpack(uint64_t bits, format f)
{
    const int32_t most = (1 << f.exponent_bits) - 1;
    const int32_t lowest = 1 - most / 2 - f.mantissa_bits; /* exponent of the last bit of a subnormal number */
    const uint32_t negative = (uint32_t)(bits >> (f.mantissa_bits + f.exponent_bits)) & 1u;
    const int32_t field = (int32_t)(bits >> f.mantissa_bits) & most;
    const uint64_t fraction = bits & (((uint64_t)1 << f.mantissa_bits) - 1u);

    if (field == most) {
        return special(fraction != 0 ? NOT_A_NUMBER : INFINITE, negative);
    }
    if (field == 0) {
        return normal(negative, lowest, fraction);
    }
    return normal(negative, lowest + field - 1, fraction | (uint64_t)1 << f.mantissa_bits);
}

static uint64_t pack(number n, format f)
{
    const int32_t most = (1 << f.exponent_bits) - 1;
    const uint64_t sign = (uint64_t)n.negative << (f.mantissa_bits + f.exponent_bits);
    const uint64_t infinite = (uint64_t)most << f.mantissa_bits;
    int32_t field = n.exponent + TOP + most / 2;
    int32_t shift = TOP - f.mantissa_bits;

    if (n.kind == NOT_A_NUMBER) {
        return infinite | (uint64_t)1 << (f.mantissa_bits - 1);
    }
    if (n.kind == ZERO) {
        return sign;
    }
    if (n.kind == INFINITE || field >= most) {
        return sign | infinite;
    }
    if (field <= 0) { /* subnormal */
        shift += 1 - field;
        field = 1;
        if (shift > 63) {
            return sign;
        }
    }
    const uint64_t half = (uint64_t)1 << (shift - 1);
    const uint64_t rest = n.mantissa & (2u * half - 1u);
    uint64_t kept = n.mantissa >> shift;

    if (rest > half || (rest == half && (kept & 1u) != 0)) {
        kept++;
    }
    /* A normal number's leading one adds one to the field; so does a carry out of rounding. */
    return sign | (kept + ((uint64_t)(field - 1) << f.mantissa_bits));
}

static number sum(number a, number b)
{
    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER) {
        return special(NOT_A_NUMBER, 0);
    }
    if (a.kind == INFINITE || b.kind == INFINITE) {
        if (a.kind == b.kind && a.negative != b.negative) {
            return special(NOT_A_NUMBER, 0);
        }
        return a.kind == INFINITE ? a : b;
    }
    if (a.kind == ZERO || b.kind == ZERO) {
        if (a.kind == b.kind) {
            return special(ZERO, a.negative & b.negative);
        }
        return a.kind == ZERO ? b : a;
    }
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.mantissa < b.mantissa)) {
        const number larger = b;
        b = a;
        a = larger;
    }
    const int32_t shift = a.exponent - b.exponent;
    if (shift > 63) {
        b.mantissa = 1;
    } else if (shift > 0) {
        const uint64_t lost = b.mantissa << (64 - shift);
        b.mantissa = b.mantissa >> shift | (lost != 0 ? 1u : 0u);
    }
    if (a.negative == b.negative) {
        return normal(a.negative, a.exponent, a.mantissa + b.mantissa);
    }
    const uint64_t difference = a.mantissa - b.mantissa;
    return difference == 0 ? special(ZERO, 0) : normal(a.negative, a.exponent, difference);
}

static number product(number a, number b)
{
    const uint32_t negative = a.negative ^ b.negative;

    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER || (a.kind == INFINITE && b.kind == ZERO) ||
        (a.kind == ZERO && b.kind == INFINITE)) {
        return special(NOT_A_NUMBER, 0);
    }
    if (a.kind != FINITE || b.kind != FINITE) {
        return special(a.kind == INFINITE || b.kind == INFINITE ? INFINITE : ZERO, negative);
    }
    const uint32_t a0 = (uint32_t)a.mantissa, a1 = (uint32_t)(a.mantissa >> 32);
    const uint32_t b0 = (uint32_t)b.mantissa, b1 = (uint32_t)(b.mantissa >> 32);
    const uint64_t lowest = (uint64_t)a0 * b0, cross = (uint64_t)a0 * b1, other = (uint64_t)a1 * b0;
    const uint64_t middle = (lowest >> 32) + (uint32_t)cross + (uint32_t)other;
    const uint64_t low = middle << 32 | (uint32_t)lowest;
    const uint64_t high = (uint64_t)a1 * b1 + (cross >> 32) + (other >> 32) + (middle >> 32);

    return normal(negative, a.exponent + b.exponent + TOP,
        high << (64 - TOP) | low >> TOP | ((low & (((uint64_t)1 << TOP) - 1u)) != 0 ? 1u : 0u));
}

static number quotient(number a, number b)
{
    const uint32_t negative = a.negative ^ b.negative;

    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER || (a.kind == b.kind && a.kind != FINITE)) {
        return special(NOT_A_NUMBER, 0);
    }
    if (a.kind == INFINITE || b.kind == ZERO) {
        return special(INFINITE, negative);
    }
    if (a.kind == ZERO || b.kind == INFINITE) {
        return special(ZERO, negative);
    }
    uint64_t rest = a.mantissa, digits = 0;
    int32_t exponent = a.exponent - b.exponent - TOP;

    if (rest < b.mantissa) {
        rest <<= 1;
        exponent--;
    }
    for (int32_t i = 0; i <= TOP; i++) {
        digits <<= 1;
        if (rest >= b.mantissa) {
            rest -= b.mantissa;
            digits |= 1u;
        }
        rest <<= 1;
    }
    return normal(negative, exponent, digits | (rest != 0 ? 1u : 0u));
}

static number negated(number n)
{
    n.negative ^= 1u;
    return n;
}

static number from_int(int32_t a)
{
    return normal(a < 0 ? 1u : 0u, 0, a < 0 ? 0u - (uint32_t)a : (uint32_t)a);
}

/* The magnitude without its fraction; more than 32 bits give all ones. NaN gives 0. */
static uint32_t whole(number n)
{
    if (n.kind == ZERO || n.kind == NOT_A_NUMBER || (n.kind == FINITE && n.exponent <= -TOP - 1)) {
        return 0;
    }
    return n.kind == INFINITE || n.exponent > -TOP + 31 ? UINT32_MAX : (uint32_t)(n.mantissa >> -n.exponent);
}

uint32_t __addsf3(uint32_t a, uint32_t b)
{
    return (uint32_t)pack(sum(unpack(a, single), unpack(b, single)), single);
}

uint32_t __subsf3(uint32_t a, uint32_t b)
{
    return (uint32_t)pack(sum(unpack(a, single), negated(unpack(b, single))), single);
}

uint32_t __mulsf3(uint32_t a, uint32_t b)
{
    return (uint32_t)pack(product(unpack(a, single), unpack(b, single)), single);
}

uint32_t __floatsisf(int32_t a)
{
    return (uint32_t)pack(from_int(a), single);
}

uint32_t __floatunsisf(uint32_t a)
{
    return (uint32_t)pack(normal(0, 0, a), single);
}

uint32_t __fixunssfsi(uint32_t a)
{
    const number n = unpack(a, single);
    return n.negative ? 0u : whole(n);
}

uint64_t __adddf3(uint64_t a, uint64_t b)
{
    return pack(sum(unpack(a, twice), unpack(b, twice)), twice);
}

uint64_t __subdf3(uint64_t a, uint64_t b)
{
    return pack(sum(unpack(a, twice), negated(unpack(b, twice))), twice);
}

uint64_t __muldf3(uint64_t a, uint64_t b)
{
    return pack(product(unpack(a, twice), unpack(b, twice)), twice);
}

uint64_t __divdf3(uint64_t a, uint64_t b)
{
    return pack(quotient(unpack(a, twice), unpack(b, twice)), twice);
}

uint64_t __floatsidf(int32_t a)
{
    return pack(from_int(a), twice);
}

uint64_t __floatunsidf(uint32_t a)
{
    return pack(normal(0, 0, a), twice);
}

int32_t __fixdfsi(uint64_t a)
{
    const number n = unpack(a, twice);
    const uint32_t magnitude = whole(n);

    if (magnitude > (uint32_t)INT32_MAX) {
        return n.negative ? INT32_MIN : INT32_MAX;
    }
    return n.negative ? -(int32_t)magnitude : (int32_t)magnitude;
}

uint32_t __fixunsdfsi(uint64_t a)
{
    const number n = unpack(a, twice);
    return n.negative ? 0u : whole(n);
}

uint64_t __extendsfdf2(uint32_t a)
{
    return pack(unpack(a, single), twice);
}

uint32_t __truncdfsf2(uint64_t a)
{
    return (uint32_t)pack(unpack(a, twice), single);
}
