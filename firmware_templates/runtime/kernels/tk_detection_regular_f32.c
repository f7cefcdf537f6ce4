/* TFLite_Detection_PostProcess, float32, regular: portable C. */
#include "tk_detection_regular_f32.h"

#include <string.h>

#include "tk_detection_boxes.h"

void tk_detection_regular_f32(
    const tk_detection_regular_f32_params *p,
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
    uint8_t *const left = (uint8_t *)(boxes + d->boxes);
    const int32_t classes = tk_decode_boxes(d, encodings, anchors, boxes) ? d->classes : 0;
    int32_t count = 0;

    memset(found_boxes, 0, detections * sizeof(tk_box));
    memset(found_classes, 0, detections * sizeof(float));
    memset(found_scores, 0, detections * sizeof(float));
    scores += d->columns - d->classes;
    for (int32_t class = 0; class < classes; class++) {
        const float *const own = scores + class;

        tk_begin_choice(d, own, d->columns, left);
        for (int32_t i = 0; i < p->per_class; i++) {
            const int32_t box = tk_choose_box(d, boxes, own, d->columns, left);

            if (box < 0) {
                break;
            }
            /* Into the list of the best so far, behind those of the same score; the last one may fall out. */
            const float score = own[box * d->columns];
            int32_t at = count < d->detections ? count++ : count;
            while (at > 0 && found_scores[at - 1] < score) {
                at--;
                if (at + 1 < count) {
                    memcpy(found_boxes + 4 * (at + 1), found_boxes + 4 * at, sizeof(tk_box));
                    found_classes[at + 1] = found_classes[at];
                    found_scores[at + 1] = found_scores[at];
                }
            }
            if (at == d->detections) {
                break; /* what follows is no better */
            }
            memcpy(found_boxes + 4 * at, &boxes[box], sizeof(tk_box));
            found_classes[at] = (float)class;
            found_scores[at] = score;
        }
    }
    *found = (float)count;
}
