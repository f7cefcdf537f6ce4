/* Interleaves the images of a batch: BATCH_TO_SPACE_ND. */
#ifndef TK_BATCH_TO_SPACE_H
#define TK_BATCH_TO_SPACE_H

#include <stdint.h>

typedef struct {
    int32_t images; /* of the output */
    int32_t height, width; /* of the input */
    int32_t out_height, out_width;
    int32_t block_height, block_width;
    int32_t top, left; /* cropped */
    uint32_t run; /* bytes of a pixel */
} tk_batch_to_space_params;

/* in [block_height][block_width][images][height][width][run], out [images][out_height][out_width][run] */
void tk_batch_to_space(const tk_batch_to_space_params *p, const void *in, void *out);

#endif
