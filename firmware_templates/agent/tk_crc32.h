/* CRC-32 as in zlib, Ethernet and PNG (reflected polynomial 0xEDB88320, initial value and final XOR all ones). */
#ifndef TK_CRC32_H
#define TK_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t tk_crc32(const uint8_t *data, size_t n);

#endif
