/* CAST, int8 to int16. */
#ifndef TK_CAST_S8_S16_H
#define TK_CAST_S8_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_s8_s16_params;

/* in [count], out [count]; out may end where in does */
void tk_cast_s8_s16(const tk_cast_s8_s16_params *p, const int8_t *in, int16_t *out);

#endif
