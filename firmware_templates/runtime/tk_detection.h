/* Parameters of the kernels of TFLite_Detection_PostProcess. */
#ifndef TK_DETECTION_H
#define TK_DETECTION_H

#include <stdint.h>

typedef struct {
    int32_t boxes;
    int32_t encoding; /* numbers for each box; the first four are y, x, height and width */
    int32_t columns;  /* scores for each box */
    int32_t classes;  /* the last of them; a background's score may come before */
    int32_t detections; /* at most */
    float score_threshold, overlap_threshold;
    float y_scale, x_scale, h_scale, w_scale;
} tk_detection;

#endif
