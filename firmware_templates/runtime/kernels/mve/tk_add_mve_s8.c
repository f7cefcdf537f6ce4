/* ADD and SUB, int8, for cores with Helium: tk_add_s8's formula, four elements at a time. */
#include "tk_add_mve_s8.h"

#include "tk_common.h"

static TK_NOINLINE void add_row(const tk_add_mve_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out,
                                int32_t offset, int32_t scale_b)
{
    const int32_t vectors[3] = {p->scale_a, p->low, p->high};

    __asm__ volatile("ldr lr, [%[vectors]]\n\t"
                     "vdup.32 q2, lr\n\t"
                     "ldr lr, [%[vectors], #4]\n\t"
                     "vdup.32 q3, lr\n\t"
                     "ldr lr, [%[vectors], #8]\n\t"
                     "vdup.32 q4, lr\n\t"
                     "wlstp.32 lr, %[count], 2f\n"
                     "1:\n\t"
                     "vldrb.s32 q0, [%[a]], #4\n\t"
                     "vldrb.s32 q1, [%[b]], #4\n\t"
                     "vmlas.s32 q0, q2, %[offset]\n\t"
                     "vmla.s32 q0, q1, %[scale_b]\n\t"
                     "vshl.s32 q0, %[shift]\n\t"
                     "vmax.s32 q0, q0, q3\n\t"
                     "vmin.s32 q0, q0, q4\n\t"
                     "vstrb.32 q0, [%[out]], #4\n\t"
                     "letp lr, 1b\n"
                     "2:"
                     : [a] "+l"(a), [b] "+l"(b), [out] "+l"(out) /* narrow accesses: low registers */
                     : [vectors] "r"(vectors), [count] "r"(p->row), [offset] "r"(offset), [scale_b] "r"(scale_b),
                       [shift] "r"(-p->shift)
                     : "q0", "q1", "q2", "q3", "q4", "lr", "memory");
}

void tk_add_mve_s8(const tk_add_mve_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    tk_broadcast at = {{0}, 0, 0};

    do {
        if (p->step_b) {
            add_row(p, a + at.a, b + at.b, out, p->offset, p->scale_b);
        } else {
            /* one value of b, which the offset takes in */
            add_row(p, a + at.a, a + at.a, out, p->offset + b[at.b] * p->scale_b, 0);
        }
        out += p->row;
    } while (tk_broadcast_next(&at, p->count, p->stride_a, p->stride_b));
}
