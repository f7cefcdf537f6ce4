/* TFLite_Detection_PostProcess, float32, fast: each box counts for its best class alone. */
#ifndef TK_DETECTION_FAST_F32_H
#define TK_DETECTION_FAST_F32_H

#include "tk_detection.h"

typedef struct {
    tk_detection detection;
} tk_detection_fast_f32_params;

/* encodings [boxes][encoding], scores [boxes][columns], anchors [boxes][4]; found_boxes [detections][4], found_classes
 * and found_scores [detections], zeros at the end if there are less; found [1], their number, 0 if a box has no area.
 * scratch: 21 bytes for each box */
void tk_detection_fast_f32(
    const tk_detection_fast_f32_params *p,
    const float *encodings,
    const float *scores,
    const float *anchors,
    float *found_boxes,
    float *found_classes,
    float *found_scores,
    float *found,
    void *scratch);

#endif
