/* What the kernels of TFLite_Detection_PostProcess share: boxes from anchors, and the choice among those that overlap. */
#ifndef TK_DETECTION_BOXES_H
#define TK_DETECTION_BOXES_H

#include "tk_detection.h"

#include <math.h>

typedef struct {
    float y_min, x_min, y_max, x_max;
} tk_box;

/* The boxes' corners. Returns 0 if one of them has no area. */
static int tk_decode_boxes(const tk_detection *d, const float *encodings, const float *anchors, tk_box *boxes)
{
    int valid = 1;

    for (int32_t i = 0; i < d->boxes; i++) {
        const double h = (double)anchors[2], w = (double)anchors[3];
        const float y = (float)((double)encodings[0] / (double)d->y_scale * h + (double)anchors[0]);
        const float x = (float)((double)encodings[1] / (double)d->x_scale * w + (double)anchors[1]);
        const float half_h = (float)(0.5 * exp((double)encodings[2] / (double)d->h_scale) * h);
        const float half_w = (float)(0.5 * exp((double)encodings[3] / (double)d->w_scale) * w);
        const tk_box box = {y - half_h, x - half_w, y + half_h, x + half_w};

        if (box.y_min >= box.y_max || box.x_min >= box.x_max) {
            valid = 0;
        }
        boxes[i] = box;
        encodings += d->encoding;
        anchors += 4;
    }
    return valid;
}

/* The area that two boxes share, of the area that they cover. */
static float tk_overlap(const tk_box *a, const tk_box *b)
{
    const float area_a = (a->y_max - a->y_min) * (a->x_max - a->x_min);
    const float area_b = (b->y_max - b->y_min) * (b->x_max - b->x_min);

    if (area_a <= 0.0f || area_b <= 0.0f) {
        return 0.0f;
    }
    const float y_min = a->y_min > b->y_min ? a->y_min : b->y_min;
    const float x_min = a->x_min > b->x_min ? a->x_min : b->x_min;
    const float y_max = a->y_max < b->y_max ? a->y_max : b->y_max;
    const float x_max = a->x_max < b->x_max ? a->x_max : b->x_max;
    const float height = y_max - y_min, width = x_max - x_min;
    const float shared = (height > 0.0f ? height : 0.0f) * (width > 0.0f ? width : 0.0f);
    return shared / (area_a + area_b - shared);
}

/* Marks the boxes that the choice begins with. */
static void tk_begin_choice(const tk_detection *d, const float *scores, int32_t step, uint8_t *left)
{
    for (int32_t i = 0; i < d->boxes; i++) {
        left[i] = scores[i * step] >= d->score_threshold;
    }
}

/* Takes the best of the boxes that are left, the first of equal ones, and drops those that overlap it too much. Returns
 * -1 if there is none. */
static int32_t tk_choose_box(
    const tk_detection *d, const tk_box *boxes, const float *scores, int32_t step, uint8_t *left)
{
    int32_t best = -1;

    for (int32_t i = 0; i < d->boxes; i++) {
        if (left[i] && (best < 0 || scores[i * step] > scores[best * step])) {
            best = i;
        }
    }
    if (best >= 0) {
        left[best] = 0;
        for (int32_t i = 0; i < d->boxes; i++) {
            if (left[i] && tk_overlap(&boxes[best], &boxes[i]) > d->overlap_threshold) {
                left[i] = 0;
            }
        }
    }
    return best;
}

#endif
