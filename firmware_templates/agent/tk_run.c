/* WRITE, RUN and READ: inputs in, inferences, outputs and timing out. */
#include "tk_commands.h"

#include "tk_bytes.h"
#include "tk_config.h"
#include "tk_crc32.h"
#include "tk_model_info.h"
#include "tk_port.h"
#ifdef TK_MLPERF
#include "tk_mlperf.h"
#endif

#include <string.h>

#define RUN_PROFILE 1u
#define RUN_CHECK 2u
#ifdef TK_MODEL_STATE
#define RUN_FRESH 4u
#else
#define RUN_FRESH 0u
#endif
#define RUN_BYTES 9u

/* A run overwrites its inputs, so the agent keeps them and copies them in before each one. Aligned, because the
 * copies are then quick; each input starts at a multiple of 16 bytes. */
static union {
    uint64_t align[2];
    uint8_t bytes[TK_AGENT_INPUT_BYTES];
} inputs;

/* Ticks per layer of the last profiled run, of all its patches together, or checks of the last checked one. C knows no
 * empty array. */
#define PROFILE_LAYERS (TK_MODEL_LAYERS > 0 ? TK_MODEL_LAYERS : 1)
static uint32_t profile[PROFILE_LAYERS];
static uint64_t layer_start;

/* Called by the generated code after each layer when it is not null. */
extern void (*tk_layer_hook)(unsigned layer);
void (*tk_layer_hook)(unsigned layer);

static void time_layer(unsigned layer)
{
    const uint64_t now = tk_port_ticks();

    if (layer < PROFILE_LAYERS) {
        const uint64_t ticks = now - layer_start + profile[layer];
        profile[layer] = ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX; /* the host knows that for "or more" */
    }
    layer_start = tk_port_ticks(); /* again: what was done here is not the next layer's */
}

/* What a request with RUN_CHECK says behind the flags: the first layer, and of each from that on a piece of the arena. */
static const uint8_t *checks;
static unsigned n_checks;

static void check_layer(unsigned layer)
{
    const unsigned place = layer - tk_get_u16(checks); /* of a layer before the first: huge */

    if (place < n_checks) {
        const uint8_t *const piece = checks + 2 + 8u * place;
        const uint32_t offset = tk_get_u32(piece), size = tk_get_u32(piece + 4);

        profile[layer] = 0;
        if (offset <= tk_model.arena_bytes && size <= tk_model.arena_bytes - offset) {
            profile[layer] = tk_crc32(tk_model.arena + offset, size);
        }
    }
}

static uint8_t *input_copy(unsigned index)
{
    uint8_t *at = inputs.bytes;

    for (unsigned i = 0; i < index; i++) {
        at += (tk_model.inputs[i].bytes + 15u) / 16u * 16u;
    }
    return at;
}

tk_answer tk_do_write(const uint8_t *request, size_t length)
{
    tk_answer answer = {TK_OK, 0};

    if (length < 5) {
        answer.status = TK_BAD_LENGTH;
        return answer;
    }
    const unsigned index = request[0];
    const uint32_t offset = tk_get_u32(request + 1);
    const size_t count = length - 5;

    if (index >= tk_model.n_inputs) {
        answer.status = TK_BAD_INDEX;
    } else if (offset > tk_model.inputs[index].bytes || count > tk_model.inputs[index].bytes - offset) {
        answer.status = TK_BAD_RANGE;
    } else {
        memcpy(input_copy(index) + offset, request + 5, count);
    }
    return answer;
}

static uint64_t run_once(void)
{
    for (unsigned i = 0; i < tk_model.n_inputs; i++) {
        memcpy(tk_model.input(i), input_copy(i), tk_model.inputs[i].bytes);
    }
    if (tk_layer_hook == time_layer) {
        memset(profile, 0, sizeof profile);
    }
    const uint64_t before = tk_port_ticks();
    layer_start = before;
    tk_model.run();
    return tk_port_ticks() - before;
}

#ifdef TK_MLPERF
uint8_t *tk_run_input(void)
{
    return input_copy(0);
}

void tk_run_once(void)
{
    (void)run_once();
}
#endif

uint8_t tk_check_run(const uint8_t *request, size_t length)
{
    if (length < RUN_BYTES) {
        return TK_BAD_LENGTH;
    }
    const uint8_t flags = (uint8_t)(request[8] & ~RUN_FRESH);
    const size_t more = length - RUN_BYTES;

    if (flags == RUN_CHECK ? more % 8u != 2u : more != 0u) {
        return TK_BAD_LENGTH;
    }
    if (tk_get_u32(request) == 0 || flags > RUN_CHECK || (flags == RUN_CHECK && tk_model.arena == NULL)) {
        return TK_BAD_ARGUMENT;
    }
    return TK_OK;
}

tk_answer tk_do_run(const uint8_t *request, size_t length, uint8_t *reply)
{
    tk_answer answer = {tk_check_run(request, length), 0};

    if (answer.status != TK_OK) {
        return answer;
    }
    const uint32_t runs = tk_get_u32(request);
    const uint32_t warmups = tk_get_u32(request + 4);
    uint64_t total = 0, shortest = UINT64_MAX, longest = 0;

#ifdef TK_MODEL_STATE
    if (request[8] & RUN_FRESH) {
        (void)tk_model.init(); /* it did not fail at start-up, with the same memory */
    }
#endif
    for (uint32_t i = 0; i < warmups; i++) {
        (void)run_once();
    }
    checks = request + RUN_BYTES;
    n_checks = (unsigned)(length - RUN_BYTES) / 8u;
    const uint8_t flags = (uint8_t)(request[8] & ~RUN_FRESH);
    tk_layer_hook = flags == RUN_CHECK ? check_layer : flags == RUN_PROFILE ? time_layer : NULL;
#ifdef TK_MARKER_PIN
    /* Once for all runs: a meter that samples slowly could miss the gaps between them. */
    tk_port_marker(1);
#endif
    for (uint32_t i = 0; i < runs; i++) {
        const uint64_t ticks = run_once();
        total += ticks;
        shortest = ticks < shortest ? ticks : shortest;
        longest = ticks > longest ? ticks : longest;
    }
#ifdef TK_MARKER_PIN
    tk_port_marker(0);
#endif
    tk_layer_hook = NULL;
    uint8_t *end = tk_put_u32(reply, runs);
    end = tk_put_u64(tk_put_u64(tk_put_u64(end, total), shortest), longest);
    answer.length = (size_t)(end - reply);
    return answer;
}

tk_answer tk_do_read(const uint8_t *request, size_t length, uint8_t *reply, size_t capacity)
{
    tk_answer answer = {TK_BAD_LENGTH, 0};

    if (length != 8) {
        return answer;
    }
    const unsigned object = request[0], index = request[1];
    const uint32_t count = tk_get_u16(request + 2), offset = tk_get_u32(request + 4);
    const uint8_t *from;
    uint32_t size;

    answer.status = TK_BAD_INDEX;
    if (object == TK_OBJECT_OUTPUT && index < tk_model.n_outputs) {
        from = tk_model.output(index);
        size = tk_model.outputs[index].bytes;
    } else if (object == TK_OBJECT_INPUT && index < tk_model.n_inputs) {
        from = input_copy(index);
        size = tk_model.inputs[index].bytes;
    } else if (object == TK_OBJECT_PROFILE && index == 0) {
        from = (const uint8_t *)profile; /* little-endian, like every core that tinykit supports */
        size = 4u * TK_MODEL_LAYERS;
    } else {
        return answer;
    }
    if (count > capacity || offset > size || count > size - offset) {
        answer.status = TK_BAD_RANGE;
        return answer;
    }
    memcpy(reply, from + offset, count);
    answer.status = TK_OK;
    answer.length = count;
    return answer;
}
