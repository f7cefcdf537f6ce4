#include "tk_text.h"

#include "tk_port.h"

#include <stddef.h>
#include <string.h>

#define FRACTION 3u
#define LONGEST (39u + FRACTION) /* of FLT_MAX */

static void put(char character)
{
    const uint8_t byte = (uint8_t)character;
    tk_port_write(&byte, 1);
}

void tk_text(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0') {
        length++;
    }
    tk_port_write((const uint8_t *)text, length);
}

void tk_text_end(void)
{
    tk_text("\r\n");
}

void tk_text_number(uint64_t number)
{
    char digits[21]; /* of 2^64 - 1, and the end */
    size_t at = sizeof digits - 1;

    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + (int)(number % 10u));
        number /= 10u;
    } while (number != 0);
    tk_text(digits + at);
}

void tk_text_hex(uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";

    put(digits[byte >> 4]);
    put(digits[byte & 15u]);
}

/* mantissa * 2^-shift in thousandths, rounded to nearest, ties to even. */
static uint64_t thousandths(uint32_t mantissa, unsigned shift)
{
    const uint64_t scaled = (uint64_t)mantissa * 1000u; /* below 2^34 */

    if (shift == 0) {
        return scaled;
    }
    if (shift > 35) {
        return 0; /* less than a half */
    }
    const uint64_t whole = scaled >> shift, rest = scaled - (whole << shift), half = (uint64_t)1 << (shift - 1u);

    return whole + (rest > half || (rest == half && (whole & 1u) != 0) ? 1u : 0u);
}

static void twice(uint8_t *digits)
{
    unsigned carry = 0;

    for (unsigned i = 0; i < LONGEST; i++) {
        const unsigned digit = 2u * digits[i] + carry;
        carry = digit > 9 ? 1u : 0u;
        digits[i] = (uint8_t)(digit - 10u * carry);
    }
}

void tk_text_fixed3(float value)
{
    uint32_t bits;
    uint8_t digits[LONGEST]; /* of thousandths, the last first */

    memcpy(&bits, &value, sizeof bits);
    unsigned exponent = (bits >> 23) & 0xFFu;
    uint32_t mantissa = bits & 0x7FFFFFu;

    if (bits >> 31 != 0) {
        put('-');
    }
    if (exponent == 0xFFu) {
        tk_text(mantissa != 0 ? "nan" : "inf");
        return;
    }
    if (exponent == 0) {
        exponent = 1; /* a subnormal number */
    } else {
        mantissa |= 0x800000u;
    }
    /* The value is mantissa * 2^(exponent - 150). */
    uint64_t left = thousandths(mantissa, exponent < 150u ? 150u - exponent : 0);
    for (unsigned i = 0; i < LONGEST; i++) {
        digits[i] = (uint8_t)(left % 10u);
        left /= 10u;
    }
    for (unsigned i = 150; i < exponent; i++) {
        twice(digits);
    }
    unsigned at = LONGEST - 1u;
    while (at > FRACTION && digits[at] == 0) {
        at--;
    }
    for (;; at--) {
        put((char)('0' + digits[at]));
        if (at == 0) {
            break;
        }
        if (at == FRACTION) {
            put('.');
        }
    }
}
