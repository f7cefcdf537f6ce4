/* A boot ROM for an emulated RP2040, in the place of the chip's own, which is not distributed with the emulator.
 *
 * From the RP2040 datasheet: 2.8.1 (boot sequence), 2.8.1.3.1 (checksum of the second stage), 2.8.2 and 2.8.3 (contents
 * of the ROM). It has what the boot from flash and the Pico SDK's runtime need; what it does not have (floating point,
 * flash programming, USB), a look-up does not find.
 */
#include <stddef.h>
#include <stdint.h>

#define FLASH 0x10000000u
#define STAGE2_BYTES 256u
#define CRC_POLYNOMIAL 0x04C11DB7u /* most significant bit first, starting from all ones, not inverted */

/* Told to whoever runs the emulator, by breakpoints that no debugger waits for. */
#define NO_STAGE2 1
#define BOOTSEL 2

extern uint8_t rom_stack[]; /* from the linker script; the second stage goes just above it, to the end of the RAM */

void rom_boot(void);
void rom_to_bootsel(void);
void *rom_lookup(const uint16_t *table, uint32_t code);
uint32_t rom_popcount(uint32_t x);
uint32_t rom_reverse(uint32_t x);
uint32_t rom_clz(uint32_t x);
uint32_t rom_ctz(uint32_t x);
void *rom_memset(uint8_t *to, uint32_t value, uint32_t n);
void *rom_memcpy(uint8_t *to, const uint8_t *from, uint32_t n);

static uint32_t crc32(const uint8_t *data, uint32_t n)
{
    uint32_t crc = UINT32_MAX;
    while (n-- > 0) {
        crc ^= (uint32_t)*data++ << 24;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x80000000u) != 0 ? crc << 1 ^ CRC_POLYNOMIAL : crc << 1;
        }
    }
    return crc;
}

/* By boot_rom_start.S, on the ROM's stack. The second stage does not come back: it starts the firmware. */
void rom_boot(void)
{
    const uint8_t *stage2 = (const uint8_t *)(uintptr_t)FLASH;
    if (crc32(stage2, STAGE2_BYTES - 4u) != *(const uint32_t *)(const void *)(stage2 + STAGE2_BYTES - 4u)) {
        for (;;) {
            __asm volatile("bkpt %0" : : "i"(NO_STAGE2)); /* the chip would show its USB drive */
        }
    }
    (void)rom_memcpy(rom_stack, stage2, STAGE2_BYTES);
    __asm volatile("movs r0, #0\n\t"
                   "mov lr, r0\n\t" /* how the second stage knows that this ROM calls it */
                   "bx %0" : : "l"((uint32_t)(uintptr_t)rom_stack + 1u) : "r0");
}

void rom_to_bootsel(void)
{
    for (;;) {
        __asm volatile("bkpt %0" : : "i"(BOOTSEL));
    }
}

/* Table entries are pairs of code and 16-bit address; a zero ends the table. */
void *rom_lookup(const uint16_t *table, uint32_t code)
{
    for (; table[0] != 0; table += 2) {
        if (table[0] == code) {
            return (void *)(uintptr_t)table[1];
        }
    }
    return NULL;
}

uint32_t rom_popcount(uint32_t x)
{
    uint32_t n = 0;
    for (; x != 0; x &= x - 1u) {
        ++n;
    }
    return n;
}

uint32_t rom_reverse(uint32_t x)
{
    uint32_t reversed = 0;
    for (int bit = 0; bit < 32; ++bit, x >>= 1) {
        reversed = reversed << 1 | (x & 1u);
    }
    return reversed;
}

uint32_t rom_clz(uint32_t x)
{
    uint32_t n = 0;
    for (; n < 32u && (x & 0x80000000u) == 0; x <<= 1) {
        ++n;
    }
    return n;
}

uint32_t rom_ctz(uint32_t x)
{
    uint32_t n = 0;
    for (; n < 32u && (x & 1u) == 0; x >>= 1) {
        ++n;
    }
    return n;
}

/* Word by word where the addresses allow it: a byte at a time would be four times the emulator's work. The value comes
 * through the SDK as memset() had it, an int of which the low byte counts. */
void *rom_memset(uint8_t *to, uint32_t value, uint32_t n)
{
    const uint8_t byte = (uint8_t)value;
    uint8_t *at = to;
    if (((uintptr_t)at & 3u) == 0) {
        for (; n >= 4u; n -= 4u, at += 4) {
            *(uint32_t *)(void *)at = byte * 0x01010101u;
        }
    }
    while (n-- > 0) {
        *at++ = byte;
    }
    return to;
}

void *rom_memcpy(uint8_t *to, const uint8_t *from, uint32_t n)
{
    uint8_t *at = to;
    if ((((uintptr_t)at | (uintptr_t)from) & 3u) == 0) {
        for (; n >= 4u; n -= 4u, at += 4, from += 4) {
            *(uint32_t *)(void *)at = *(const uint32_t *)(const void *)from;
        }
    }
    while (n-- > 0) {
        *at++ = *from++;
    }
    return to;
}
