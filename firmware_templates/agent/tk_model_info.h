/* The one model of a firmware, as the agent sees it. Every engine that makes firmware fills this in. */
#ifndef TK_MODEL_INFO_H
#define TK_MODEL_INFO_H

#include <stdint.h>

#define TK_MAX_RANK 6

typedef struct {
    const char *name;
    uint8_t dtype; /* number of the element type in the TFLite schema's TensorType */
    uint8_t rank;
    int32_t dims[TK_MAX_RANK];
    float scale; /* 0 when not quantized */
    int32_t zero_point;
    uint32_t bytes;
} tk_tensor_info;

typedef struct {
    const char *name;
    const char *engine;
    uint8_t sha256[32];   /* of the source model file */
    uint8_t build_id[16]; /* of this firmware */
    uint8_t n_inputs;
    uint8_t n_outputs;
    uint16_t n_layers;
    uint32_t arena_bytes;
    const uint8_t *arena; /* null: layers leave their results where the agent cannot look */
    const tk_tensor_info *inputs;
    const tk_tensor_info *outputs;
    int (*init)(void); /* 0 on success */
    void *(*input)(unsigned i);
    const void *(*output)(unsigned i);
    void (*run)(void); /* may overwrite the inputs */
} tk_model_info;

extern const tk_model_info tk_model;

#endif
