/* TFLite-Micro's interpreter for the C around it: model_info.c calls, tflm_engine.cc does. */
#ifndef TK_TFLM_H
#define TK_TFLM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The .tflite file as it is, aligned as its tensors need it. */
extern const uint8_t tk_tflm_model[];

/* 0, or -1 when the interpreter refuses the model or the arena is too small for it. */
int tk_tflm_init(uint8_t *arena, size_t arena_bytes);

void *tk_tflm_input(unsigned i);
const void *tk_tflm_output(unsigned i);
void tk_tflm_run(void);

#ifdef __cplusplus
}
#endif

#endif
