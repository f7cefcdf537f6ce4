#include "tk_frame.h"

#include "tk_bytes.h"
#include "tk_crc32.h"
#include "tk_port.h"

static void start(tk_receiver *r)
{
    r->length = 0;
    r->left = 0;
    r->code = 0;
    r->dropped = 0;
}

static void store(tk_receiver *r, uint8_t byte)
{
    if (r->length == sizeof r->bytes) {
        r->dropped = 1;
    } else {
        r->bytes[r->length++] = byte;
    }
}

int32_t tk_receive(tk_receiver *r, uint8_t byte)
{
    if (byte == 0) {
        const int whole = !r->dropped && r->left == 0 && r->length >= TK_HEADER_BYTES + TK_CRC_BYTES;
        const size_t length = r->length;

        start(r);
        if (!whole || tk_crc32(r->bytes, length - TK_CRC_BYTES) != tk_get_u32(r->bytes + length - TK_CRC_BYTES)) {
            return -1;
        }
        return (int32_t)(length - TK_CRC_BYTES - TK_HEADER_BYTES);
    }
    if (r->dropped) {
        return -1;
    }
    if (r->left > 0) {
        r->left--;
        store(r, byte);
        return -1;
    }
    /* A code ends the group before it; every group but a full one and the last stands for a zero at its end. */
    if (r->code != 0 && r->code != 0xFF) {
        store(r, 0);
    }
    r->code = byte;
    r->left = (uint8_t)(byte - 1u);
    return -1;
}

tk_header tk_header_of(const uint8_t *frame)
{
    const tk_header header = {frame[0], frame[1], tk_get_u16(frame + 2), tk_get_u32(frame + 4)};
    return header;
}

static void send_cobs(const uint8_t *data, size_t n)
{
    static const uint8_t delimiter = 0;
    size_t done = 0;

    tk_port_write(&delimiter, 1); /* ends whatever noise came before */
    for (;;) {
        size_t run = 0;
        while (done + run < n && run < 254 && data[done + run] != 0) {
            run++;
        }
        const uint8_t code = (uint8_t)(run + 1);
        tk_port_write(&code, 1);
        tk_port_write(data + done, run);
        done += run;
        if (done == n) {
            break;
        }
        if (run < 254) {
            done++; /* the zero that the code stands for */
            if (done == n) {
                static const uint8_t empty_group = 1;
                tk_port_write(&empty_group, 1);
                break;
            }
        }
    }
    tk_port_write(&delimiter, 1);
}

void tk_send(uint8_t *frame, tk_header header, size_t payload)
{
    const size_t length = TK_HEADER_BYTES + payload;

    tk_put_u32(tk_put_u16(tk_put_u8(tk_put_u8(frame, header.kind), header.command), header.sequence), header.session);
    tk_put_u32(frame + length, tk_crc32(frame, length));
    send_cobs(frame, length + TK_CRC_BYTES);
}
