/* DEPTHWISE_CONV_2D with one filter per channel along one axis (signals over time), int8, for Arm cores with the DSP
 * extension.
 *
 * Four channels of a line at a time are taken apart in scratch memory, sign-extended to 16 bits, with their borders.
 * Two neighbouring taps are a word there, wherever they begin. All of a line's inputs of four channels are read before
 * an output of these is written. */
#include "tk_depthwise_line_dsp_s8.h"

/* What the assembly needs, in the order in which it copies it. */
typedef struct {
    uint32_t *weights;          /* room for those of a channel, as pairs */
    int32_t room[3];            /* for the assembly: multiplier, shift, rounding */
    int32_t back;               /* bytes from the end of a window to the window two outputs further */
    int32_t pixel;              /* bytes from one output to the next */
    int32_t outputs;
    uintptr_t entry;            /* where in the loop to begin */
    int32_t second;             /* bytes from a window to the next */
    const uint32_t *weights_end;
    int32_t rounding;           /* 2 * zero_point + 1 */
    const uint32_t *plane;      /* of the first channel */
    int8_t *out;
    const uint32_t *stream;
    const uint32_t *planes_end; /* of all four channels */
    int32_t plane_bytes;
} line_job;

/* Returns the end of what it used of the stream. */
const uint32_t *tk_dsp_line(const line_job *job, tk_dsp_line_loop loop);

/* `count` positions of four channels, `pixel` bytes apart, to 16 bits in planes `plane_bytes` apart. */
void tk_dsp_line_split(const int8_t *in, int32_t pixel, uint8_t *planes, int32_t plane_bytes, int32_t count);

#define UNROLLED 4
#define STEP_BYTES 20

void tk_depthwise_line_dsp_s8_run(const tk_depthwise_line_dsp_s8_params *p, const int8_t *in, int8_t *out,
                                  void *scratch, tk_dsp_line_loop loop, tk_dsp_line_loop loop_end)
{
    const int32_t pairs = (p->taps + 1) / 2;
    const int32_t plane_words = (((p->out_n - 1) | 1) * p->stride + 2 * pairs + 1) / 2;
    const int32_t room = ((p->out_n - 1) | 1) * p->stride + 2 * pairs - p->pad;
    const int32_t count = room < p->in_n ? room : p->in_n;
    const int32_t last = p->channels - 4;
    line_job job;

    job.weights = scratch;
    job.weights_end = job.weights + pairs;
    uint32_t *const planes = job.weights + ((pairs + 1) & ~1);
    job.plane = planes;
    job.plane_bytes = 4 * plane_words;
    job.planes_end = planes + 4 * plane_words;
    job.second = 2 * p->stride;
    job.back = 2 * job.second - 4 * pairs;
    job.pixel = p->channels;
    job.outputs = p->out_n;
    job.entry = (uintptr_t)loop_end - (uintptr_t)((pairs & (UNROLLED - 1)) * STEP_BYTES);
    job.rounding = 2 * p->zero_point + 1;
    for (uint32_t *at = planes; at != job.planes_end; at++) {
        *at = (uint16_t)p->input_zero_point * 0x10001u;
    }
    for (uint32_t left = p->lines; left > 0; left--) {
        job.stream = p->stream;
        for (int32_t channel = 0;;) {
            tk_dsp_line_split(in + channel, p->channels, (uint8_t *)planes + 2 * p->pad, job.plane_bytes, count);
            job.out = out + channel;
            job.stream = tk_dsp_line(&job, loop);
            if (channel == last) {
                break;
            }
            channel = channel + 4 < last ? channel + 4 : last;
        }
        in += p->in_n * p->channels;
        out += p->out_n * p->channels;
    }
}
