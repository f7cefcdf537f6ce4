/* Frames of the link: COBS, delimited by zero bytes, guarded by a CRC-32. docs/protocol.md has them byte by byte. */
#ifndef TK_FRAME_H
#define TK_FRAME_H

#include "tk_config.h"

#include <stddef.h>
#include <stdint.h>

#define TK_HEADER_BYTES 8u
#define TK_CRC_BYTES 4u
#define TK_FRAME_BYTES (TK_HEADER_BYTES + TK_LINK_MAX_PAYLOAD + TK_CRC_BYTES)

enum { TK_REQUEST = 1, TK_REPLY = 2, TK_ERROR = 3, TK_EVENT = 4 };

typedef struct {
    uint8_t kind;
    uint8_t command;
    uint16_t sequence;
    uint32_t session;
} tk_header;

/* Collects a frame from single bytes. */
typedef struct {
    uint8_t bytes[TK_FRAME_BYTES];
    size_t length;
    uint8_t left;    /* bytes until the next COBS code; 0: the next byte is one */
    uint8_t code;    /* the code in force; 0: at the start of a frame */
    uint8_t dropped; /* 1: longer than any frame, ignore until the next delimiter */
} tk_receiver;

/* Feed one byte. Returns the payload's length when it completed a frame with the right CRC (header and payload are
 * in bytes[]), else -1. */
int32_t tk_receive(tk_receiver *r, uint8_t byte);

tk_header tk_header_of(const uint8_t *frame);

/* Send a frame: frame[] has TK_HEADER_BYTES free in front of `payload` bytes of payload, and TK_CRC_BYTES behind. */
void tk_send(uint8_t *frame, tk_header header, size_t payload);

#endif
