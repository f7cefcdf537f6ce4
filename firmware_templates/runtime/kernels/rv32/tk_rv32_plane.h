/* One channel of a depthwise convolution, on RISC-V cores with multiplication. See tk_rv32_plane_asm.S. */
#ifndef TK_RV32_PLANE_H
#define TK_RV32_PLANE_H

#include <stdint.h>

/* tk_rv32_plane_asm.S reads these by offsets. */

/* A channel of an image, and the plane that it is packed into: in each word an element for the upper half of the
 * output's rows, and 65536 times that for the lower half. */
typedef struct {
    const int8_t *in;       /* the channel's first element */
    uint32_t *plane;        /* where elements go, not the border on their left */
    int32_t plane_row;      /* bytes from row to row of the plane */
    int32_t rows, columns;  /* of the plane that are packed */
    int32_t in_x, in_y;     /* bytes from element to element, from row to row */
    int32_t in_h;           /* rows of the image */
    int32_t upper, lower;   /* rows of the image where both halves begin */
    const int8_t *border;   /* an element for rows outside of the image */
} tk_rv32_packing;

enum {
    TK_RV32_3X3 = 0,      /* 3x3, stride 1; |w0| + |w1| + |w2| <= 255 in each row of weights */
    TK_RV32_3X3_ANY = 1,  /* 3x3, stride 1 */
    TK_RV32_3X3_BY_2 = 2, /* 3x3, stride 2 along the row */
    TK_RV32_ANY = 3,      /* any window, stride 1 along the row */
    TK_RV32_ANY_BY_2 = 4  /* any window, stride 2 along the row */
};

typedef struct {
    const uint32_t *plane;    /* with its border */
    int32_t plane_row;        /* bytes */
    const int8_t *weights;    /* rows of the window; in TK_RV32_ANY a zero at the end of rows of odd length */
    const int32_t *constants; /* see tk_rv32_output.h */
    int8_t *out;              /* the channel's first element */
    int32_t out_x;            /* bytes from element to element, 0 when there is one in a row */
    int32_t out_y;            /* bytes from row to row */
    int32_t out_lower;        /* bytes from the upper half to the lower half */
    int32_t last;             /* (elements in a row - 1) * out_x; -1 when there is one */
    int32_t rows;             /* of each half */
    int32_t next_row;         /* bytes of the plane for a row of outputs: stride * plane_row */
    int32_t low, high;        /* bounds of outputs */
    int32_t rounded;          /* see tk_rv32_output.h */
    int32_t way;              /* TK_RV32_3X3 etc. */
    int32_t window_w, window_h; /* for TK_RV32_ANY; the width rounded up to an even number */
} tk_rv32_filter;

void tk_rv32_plane_pack(const tk_rv32_packing *packing);
void tk_rv32_plane_filter(const tk_rv32_filter *filter);

#endif
