/* Bytes between a receive interrupt (the only writer) and the program (the only reader).
 *
 * Head and tail run freely and wrap as unsigned integers, so the ring holds all of its bytes and
 * no lock is needed: each index has one writer. A full ring drops the newest byte; the link's CRC finds
 * that and the host asks again.
 */
#ifndef TK_RX_RING_H
#define TK_RX_RING_H

#include <stdint.h>

#define TK_RX_RING_BYTES 256u /* a power of two */

typedef struct {
    volatile uint16_t head; /* written by the interrupt */
    volatile uint16_t tail; /* written by the program */
    volatile uint8_t bytes[TK_RX_RING_BYTES];
} tk_rx_ring;

static inline void tk_rx_put(tk_rx_ring *ring, uint8_t byte)
{
    const uint16_t head = ring->head;
    if ((uint16_t)(head - ring->tail) < TK_RX_RING_BYTES) {
        ring->bytes[head % TK_RX_RING_BYTES] = byte;
        ring->head = (uint16_t)(head + 1u);
    }
}

static inline int tk_rx_empty(const tk_rx_ring *ring)
{
    return ring->head == ring->tail;
}

/* The oldest byte, or -1. */
static inline int tk_rx_get(tk_rx_ring *ring)
{
    const uint16_t tail = ring->tail;
    if (ring->head == tail) {
        return -1;
    }
    const int byte = ring->bytes[tail % TK_RX_RING_BYTES];
    ring->tail = (uint16_t)(tail + 1u);
    return byte;
}

#endif
