/* FULLY_CONNECTED, int8, for Arm cores with the DSP extension: eight units at a time in assembly, the few that are left
 * one by one. Inputs are extended to 16 bits on the fly, four at a time. */
#include "tk_fully_connected_dsp_s8.h"

#include <string.h>

/* What the assembly needs, in the order in which it copies it. */
typedef struct {
    const int8_t *in;
    const int8_t *in_end;
    int8_t *out;
    int8_t *out_end;
    int32_t multiplier;
    int32_t rounding; /* 2 * zero_point + 1, shifted already unless per channel */
    int32_t shift;
    uintptr_t finish;
    uintptr_t entry; /* where in the loop to begin */
    const uint32_t *stream;
} blocks_job;

void tk_dsp_fully_connected_8(const blocks_job *job);

/* The end of the loop in the assembly; of its steps each takes STEP_BYTES. */
#define UNROLLED 8
#define STEP_BYTES 120
void tk_dsp_fully_connected_loop_end(void);

static void one_by_one(const tk_fully_connected_dsp_s8_params *p, const int8_t *in, int8_t *out)
{
    const int8_t *w = p->rest_weights;
    const int32_t *constants = p->rest_constants;

    for (int32_t left = p->units & 7; left > 0; left--) {
        int32_t sum = constants[0];

        for (int32_t i = 0; i < p->depth; i++) {
            sum += in[i] * *w++;
        }
        *out++ = tk_saturate_s8(tk_requantize(sum, constants[1], constants[2]) + p->zero_point);
        constants += 3;
    }
}

void tk_fully_connected_dsp_s8_run(const tk_fully_connected_dsp_s8_params *p, const int8_t *in, int8_t *out,
                                   void *scratch, void (*finish)(void))
{
    const int32_t depth = (p->depth + 3) & ~3;
    const int32_t units = p->units & ~7;
    blocks_job job;

    job.multiplier = p->multiplier;
    job.rounding = 2 * p->zero_point + 1;
    job.shift = p->shift;
    if (!p->per_channel) {
        job.rounding = (int32_t)((uint32_t)job.rounding << p->shift);
    }
    job.finish = (uintptr_t)finish;
    job.entry = (uintptr_t)tk_dsp_fully_connected_loop_end - (uintptr_t)((depth / 4 % UNROLLED) * STEP_BYTES);
    job.stream = p->stream;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        job.in = in;
        if (scratch != NULL) {
            memcpy(scratch, in, p->depth);
            job.in = scratch;
        }
        job.in_end = job.in + depth;
        job.out = out;
        job.out_end = out + units;
        tk_dsp_fully_connected_8(&job);
        one_by_one(p, in, out + units);
        in += p->depth;
        out += p->units;
    }
}
