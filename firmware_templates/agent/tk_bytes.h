/* Little-endian numbers in byte buffers of any alignment. */
#ifndef TK_BYTES_H
#define TK_BYTES_H

#include <stdint.h>

static inline uint16_t tk_get_u16(const uint8_t *from)
{
    return (uint16_t)(from[0] | (from[1] << 8));
}

static inline uint32_t tk_get_u32(const uint8_t *from)
{
    return tk_get_u16(from) | ((uint32_t)tk_get_u16(from + 2) << 16);
}

static inline uint8_t *tk_put_u8(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)value;
    return to + 1;
}

static inline uint8_t *tk_put_u16(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    return to + 2;
}

static inline uint8_t *tk_put_u32(uint8_t *to, uint32_t value)
{
    return tk_put_u16(tk_put_u16(to, value & 0xFFFFu), value >> 16);
}

static inline uint8_t *tk_put_u64(uint8_t *to, uint64_t value)
{
    return tk_put_u32(tk_put_u32(to, (uint32_t)value), (uint32_t)(value >> 32));
}

#endif
