/* The agent: answers the host's requests about the one model in this firmware.
 *
 * The last reply is kept. A request that comes again (its reply was lost) is answered from it and not run twice; a
 * request out of order (an old one, delayed somewhere) is ignored.
 */
#include "tk_bytes.h"
#include "tk_commands.h"
#include "tk_config.h"
#include "tk_crc32.h"
#include "tk_frame.h"
#include "tk_model_info.h"
#include "tk_port.h"
#ifdef TK_MLPERF
#include "tk_mlperf.h"
#endif

#include <string.h>

static tk_receiver receiver;
static uint8_t reply[TK_FRAME_BYTES];
static uint8_t *const payload = reply + TK_HEADER_BYTES;

/* Of the last request that was carried out; session 0 means none yet. */
static tk_header last;
static uint8_t last_kind;
static size_t last_length;

static uint32_t boot_nonce;
static int model_status;

/* Different at each start: the counter survives a reset, and what it starts from, after power-on, is whatever the
 * memory holds; the ticks add what the chip's clocks differ by. */
static uint32_t make_nonce(void)
{
#if defined(__GNUC__) && !defined(__APPLE__)
    __attribute__((section(".noinit")))
#endif
    static uint32_t boots;
    uint8_t bytes[12];

    boots++;
    tk_put_u64(tk_put_u32(bytes, boots), tk_port_ticks());
    return tk_crc32(bytes, sizeof bytes);
}

static size_t put_identity(uint8_t *to)
{
    uint8_t *end = tk_put_u16(tk_put_u8(to, TK_PROTOCOL_VERSION), TK_LINK_MAX_PAYLOAD);
    end = tk_put_u32(end, boot_nonce);
    memcpy(end, tk_model.build_id, sizeof tk_model.build_id);
    return (size_t)(end - to) + sizeof tk_model.build_id;
}

static void send_banner(void)
{
#ifdef TK_MLPERF
    tk_mlperf_start(model_status); /* text alone: a frame has bytes that would trip a reader of text */
#else
    const tk_header header = {TK_EVENT, TK_BANNER, 0, 0};

    tk_send(reply, header, put_identity(payload));
#endif
}

static void send_last(void)
{
    tk_header header = last;

    header.kind = last_kind;
    tk_send(reply, header, last_length);
}

static void send_status(tk_header header, uint8_t status)
{
    header.kind = TK_ERROR;
    payload[0] = status;
    tk_send(reply, header, 1);
}

static tk_answer carry_out(tk_header header, const uint8_t *request, size_t length)
{
    tk_answer answer = {TK_BAD_COMMAND, 0};

    switch (header.command) {
    case TK_HELLO:
        answer.status = TK_OK;
        answer.length = put_identity(payload);
        break;
    case TK_INFO:
        answer = tk_do_info(request, length, payload, TK_LINK_MAX_PAYLOAD);
        break;
    case TK_WRITE:
        answer = tk_do_write(request, length);
        break;
    case TK_RUN:
        answer.status = model_status != 0 ? TK_MODEL_FAILED : tk_check_run(request, length);
        if (answer.status == TK_OK) {
            tk_header accepted = header;
            accepted.kind = TK_EVENT;
            tk_send(reply, accepted, 0);
            answer = tk_do_run(request, length, payload);
#ifdef TK_MLPERF
            tk_mlperf_forget();
#endif
        }
        break;
    case TK_READ:
        if (model_status != 0 && length == 8 && request[0] == TK_OBJECT_OUTPUT) {
            answer.status = TK_MODEL_FAILED; /* its outputs may be nowhere */
        } else {
            answer = tk_do_read(request, length, payload, TK_LINK_MAX_PAYLOAD);
        }
        break;
    case TK_MEMORY:
        answer = tk_do_memory(payload);
        break;
    case TK_RESET:
        answer.status = TK_OK;
        break;
    default:
        break;
    }
    return answer;
}

static void handle(const uint8_t *frame, size_t length)
{
    const tk_header header = tk_header_of(frame);
    const uint16_t next = (uint16_t)(last.sequence + 1u);

    if (header.kind != TK_REQUEST || header.session == 0) {
        return;
    }
    if (header.session == last.session && header.sequence == last.sequence) {
        send_last();
        return;
    }
    if (header.session != last.session && header.command != TK_HELLO) {
        send_status(header, TK_NO_SESSION);
        last.session = 0; /* what the kept reply answered is overwritten */
        return;
    }
    if (header.session == last.session && header.sequence != next) {
        return;
    }
    const tk_answer answer = carry_out(header, frame + TK_HEADER_BYTES, length);

    last = header;
    last_kind = TK_REPLY;
    last_length = answer.length;
    if (answer.status != TK_OK) {
        last_kind = TK_ERROR;
        last_length = 1;
        payload[0] = answer.status;
    }
    send_last();
    if (header.command == TK_RESET) {
        tk_port_reset();
    }
}

int main(void)
{
    tk_port_init();
#ifdef TK_MARKER_PIN
    tk_port_marker_init();
#endif
    boot_nonce = make_nonce();
    model_status = tk_model.init();
    send_banner();
    for (;;) {
        const int byte = tk_port_getc();

        if (byte >= 0) {
#ifdef TK_MLPERF
            tk_mlperf_receive((uint8_t)byte);
#endif
            const int32_t length = tk_receive(&receiver, (uint8_t)byte);
            if (length >= 0) {
                handle(receiver.bytes, (size_t)length);
            }
        }
    }
}
