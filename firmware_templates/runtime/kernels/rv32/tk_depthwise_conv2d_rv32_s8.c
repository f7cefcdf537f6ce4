/* DEPTHWISE_CONV_2D of depth multiplier 1, int8, for RISC-V cores with multiplication: channel after channel is packed
 * into a plane in scratch memory, with a border, and filtered there. */
#include "tk_depthwise_conv2d_rv32_s8.h"

#include "tk_rv32_output.h"

void tk_depthwise_conv2d_rv32_s8(
    const tk_depthwise_conv2d_rv32_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const int8_t border = (int8_t)p->input_zero_point;
    const int32_t plane_row = 4 * p->plane_w;
    uint32_t *const plane = scratch;
    uint32_t *const plane_end = plane + p->plane_h * p->plane_w;
    tk_rv32_packing packing = {
        .plane = plane + p->pad_left,
        .plane_row = plane_row,
        .rows = p->plane_h,
        .columns = p->columns,
        .in_x = p->in_x,
        .in_y = p->in_y,
        .in_h = p->in_h,
        .upper = -(int32_t)p->pad_top,
        .lower = p->lower - p->pad_top,
        .border = &border,
    };
    tk_rv32_filter filter = {
        .plane = plane,
        .plane_row = plane_row,
        .out_x = p->out_x,
        .out_y = p->out_y,
        .out_lower = p->out_lower,
        .last = p->last,
        .rows = p->half_h,
        .next_row = p->stride_h * plane_row,
        .low = p->clamp_min,
        .high = p->clamp_max,
        .rounded = p->rounded,
        .way = p->way,
        .window_w = p->window_w,
        .window_h = p->window_h,
    };

    /* The border on both sides stays. */
    for (uint32_t *word = plane; word != plane_end; word++) {
        *word = (uint32_t)(border * 65537);
    }
    for (int32_t batch = 0; batch < p->batches; batch++) {
        filter.weights = p->weights;
        filter.constants = p->constants;
        for (int32_t channel = 0; channel < p->channels; channel++) {
            packing.in = in + channel;
            filter.out = out + channel;
            tk_rv32_plane_pack(&packing);
            if (p->way == TK_RV32_3X3) {
                filter.way = filter.weights[9];
            }
            tk_rv32_plane_filter(&filter);
            filter.weights += p->weight_bytes;
            filter.constants += TK_RV32_CHANNEL_WORDS;
        }
        in += p->in_bytes;
        out += p->out_bytes;
    }
}
