/* What convolutions on Arm cores with the DSP extension share: see tk_dsp_tile.h. */
#include "tk_dsp_tile.h"

#include <string.h>

/* Ends of loops in tk_dsp_tile_asm.S, to be entered before. */
void tk_dsp_flat_end(void);
void tk_dsp_single_end(void);

TK_NOINLINE void tk_dsp_prepare(tk_dsp_job *job, const tk_dsp_channels *channels, tk_dsp_place finish,
                                const uint32_t *act, int32_t act_words)
{
    const int32_t pairs = (channels->channels + 1) / 2;

    memset(job, 0, sizeof *job);
    job->act = act;
    job->act_end = act + act_words;
    job->finish = (uintptr_t)finish;
    job->end = channels->stream + pairs * channels->pair_words;
    job->rounding = 2 * channels->zero_point + 1;
    job->clamp_min = channels->clamp_min;
    job->clamp_max = channels->clamp_max;
}

void tk_dsp_prepare_flat(tk_dsp_job *job, const tk_dsp_channels *channels, tk_dsp_place finish, const uint32_t *act,
                         int32_t pairs)
{
    tk_dsp_prepare(job, channels, finish, act, 4 * pairs);
    job->several = tk_dsp_entry(tk_dsp_flat_end, pairs, TK_DSP_FLAT_UNROLLED, TK_DSP_FLAT_BYTES);
    job->single = tk_dsp_entry(tk_dsp_single_end, pairs / 2, TK_DSP_SINGLE_UNROLLED, TK_DSP_SINGLE_BYTES);
}

int8_t *tk_dsp_write_pixels(tk_dsp_job *job, const tk_dsp_channels *channels, int32_t count, int8_t *out)
{
    const int32_t pixel = channels->channels;

    if (count != job->count) {
        job->count = count;
        job->entry = count == 1 ? job->single : job->several;
        job->offset[0] = count > 1 ? pixel : 0;
        job->offset[1] = count > 2 ? 2 * pixel : 0;
        job->offset[2] = count > 3 ? 3 * pixel : 0;
    }
    job->out = out;
    job->stream = channels->stream;
    if (pixel & 1) {
        const uint32_t *const end = job->end;

        job->end = job->stream + channels->pair_words;
        tk_dsp_tile(job);
        job->out++;
        job->stream = job->end;
        job->end = end;
    }
    tk_dsp_tile(job);
    return out + count * pixel;
}
