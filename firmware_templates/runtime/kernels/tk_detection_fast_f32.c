/* TFLite_Detection_PostProcess, float32, fast: portable C. */
#include "tk_detection_fast_f32.h"

#include <string.h>

#include "tk_detection_boxes.h"

void tk_detection_fast_f32(
    const tk_detection_fast_f32_params *p,
    const float *encodings,
    const float *scores,
    const float *anchors,
    float *found_boxes,
    float *found_classes,
    float *found_scores,
    float *found,
    void *scratch)
{
    const tk_detection *const d = &p->detection;
    const size_t detections = (size_t)d->detections;
    tk_box *const boxes = scratch;
    float *const best = (float *)(boxes + d->boxes); /* score of each box */
    uint8_t *const left = (uint8_t *)(best + d->boxes);
    int32_t count = 0;

    memset(found_boxes, 0, detections * sizeof(tk_box));
    memset(found_classes, 0, detections * sizeof(float));
    memset(found_scores, 0, detections * sizeof(float));
    scores += d->columns - d->classes;
    for (int32_t i = 0; i < d->boxes; i++) {
        const float *const own = scores + i * d->columns;
        best[i] = own[0];
        for (int32_t j = 1; j < d->classes; j++) {
            best[i] = own[j] > best[i] ? own[j] : best[i];
        }
    }
    if (tk_decode_boxes(d, encodings, anchors, boxes)) {
        tk_begin_choice(d, best, 1, left);
        while (count < d->detections) {
            const int32_t box = tk_choose_box(d, boxes, best, 1, left);
            int32_t class = 0;

            if (box < 0) {
                break;
            }
            while (!(scores[box * d->columns + class] >= best[box])) {
                class++;
            }
            memcpy(found_boxes + 4 * count, &boxes[box], sizeof(tk_box));
            found_classes[count] = (float)class;
            found_scores[count] = best[box];
            count++;
        }
    }
    *found = (float)count;
}
