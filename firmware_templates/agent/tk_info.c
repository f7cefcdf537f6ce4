/* INFO: the model's description, as a stream of bytes of which each request gets a window.
 *
 * Nothing holds the whole description. Every request walks it from the start and keeps what falls into its window, so
 * it takes no memory and any payload size will do.
 */
#include "tk_commands.h"

#include "tk_bytes.h"
#include "tk_config.h"
#include "tk_model_info.h"

#include <string.h>

typedef struct {
    uint8_t *out;
    size_t begin, end; /* window, in bytes of the stream */
    size_t at;
} window;

static void emit(window *w, const void *data, size_t n)
{
    const uint8_t *from = data;

    for (size_t i = 0; i < n; i++, w->at++) {
        if (w->at >= w->begin && w->at < w->end) {
            w->out[w->at - w->begin] = from[i];
        }
    }
}

static void emit_u8(window *w, unsigned value)
{
    const uint8_t byte = (uint8_t)value;
    emit(w, &byte, 1);
}

static void emit_u32(window *w, uint32_t value)
{
    uint8_t bytes[4];
    tk_put_u32(bytes, value);
    emit(w, bytes, sizeof bytes);
}

static void emit_text(window *w, const char *text)
{
    unsigned length = 0;

    while (length < 255u && text[length] != '\0') { /* the library's strlen is faster, and 200 bytes long */
        length++;
    }
    emit_u8(w, length);
    emit(w, text, length);
}

static void emit_tensor(window *w, const tk_tensor_info *tensor)
{
    uint32_t scale_bits;

    memcpy(&scale_bits, &tensor->scale, sizeof scale_bits);
    emit_u8(w, tensor->dtype);
    emit_u8(w, tensor->rank);
    for (unsigned i = 0; i < tensor->rank; i++) {
        emit_u32(w, (uint32_t)tensor->dims[i]);
    }
    emit_u32(w, scale_bits);
    emit_u32(w, (uint32_t)tensor->zero_point);
    emit_u32(w, tensor->bytes);
    emit_text(w, tensor->name);
}

tk_answer tk_do_info(const uint8_t *request, size_t length, uint8_t *reply, size_t capacity)
{
    tk_answer answer = {TK_BAD_LENGTH, 0};

    if (length != 4) {
        return answer;
    }
    const size_t begin = tk_get_u32(request);
    window w = {reply, begin, begin + capacity, 0};

    emit(&w, tk_model.sha256, sizeof tk_model.sha256);
    emit_u32(&w, TK_COUNTER_HZ);
    emit_u32(&w, tk_model.arena_bytes);
    emit_u8(&w, tk_model.n_layers & 0xFFu);
    emit_u8(&w, (unsigned)tk_model.n_layers >> 8);
    emit_u8(&w, tk_model.n_inputs);
    emit_u8(&w, tk_model.n_outputs);
    emit_text(&w, tk_model.name);
    emit_text(&w, tk_model.engine);
    emit_text(&w, TK_BOARD);
    for (unsigned i = 0; i < tk_model.n_inputs; i++) {
        emit_tensor(&w, &tk_model.inputs[i]);
    }
    for (unsigned i = 0; i < tk_model.n_outputs; i++) {
        emit_tensor(&w, &tk_model.outputs[i]);
    }
    answer.status = TK_OK;
    if (w.at > begin) {
        answer.length = w.at - begin < capacity ? w.at - begin : capacity;
    }
    return answer;
}
