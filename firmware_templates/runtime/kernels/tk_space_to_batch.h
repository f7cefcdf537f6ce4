/* Takes images apart into a batch of smaller ones: SPACE_TO_BATCH_ND. */
#ifndef TK_SPACE_TO_BATCH_H
#define TK_SPACE_TO_BATCH_H

#include <stdint.h>

typedef struct {
    int32_t images; /* of the input */
    int32_t height, width; /* of the input */
    int32_t out_height, out_width;
    int32_t block_height, block_width;
    int32_t top, left; /* padded with 0 */
    uint32_t run; /* bytes of a pixel */
} tk_space_to_batch_params;

/* in [images][height][width][run], out [block_height][block_width][images][out_height][out_width][run] */
void tk_space_to_batch(const tk_space_to_batch_params *p, const void *in, void *out);

#endif
