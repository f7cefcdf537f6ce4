/* TFLite_Detection_PostProcess, float32, regular: the choice is made for each class. */
#ifndef TK_DETECTION_REGULAR_F32_H
#define TK_DETECTION_REGULAR_F32_H

#include "tk_detection.h"

typedef struct {
    tk_detection detection;
    int32_t per_class; /* detections at most */
} tk_detection_regular_f32_params;

/* encodings [boxes][encoding], scores [boxes][columns], anchors [boxes][4]; found_boxes [detections][4], found_classes
 * and found_scores [detections], zeros at the end if there are less; found [1], their number, 0 if a box has no area.
 * scratch: 17 bytes for each box */
void tk_detection_regular_f32(
    const tk_detection_regular_f32_params *p,
    const float *encodings,
    const float *scores,
    const float *anchors,
    float *found_boxes,
    float *found_classes,
    float *found_scores,
    float *found,
    void *scratch);

#endif
