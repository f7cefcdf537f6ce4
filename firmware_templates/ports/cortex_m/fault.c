/* Faults stop visibly: one line on the serial port says where and why, then the core sleeps for good. */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_report.h"

#define SCB_CFSR TK_REG(0xE000ED28u)
#define SCB_HFSR TK_REG(0xE000ED2Cu)
#define SCB_MMFAR TK_REG(0xE000ED34u)
#define SCB_BFAR TK_REG(0xE000ED38u)
#define CFSR_MMARVALID (1u << 7)
#define CFSR_BFARVALID (1u << 15)
#define CFSR_STKOF (1u << 20)

extern uint32_t tk_stack_bottom[], tk_stack_top[];

void tk_fault_handler(void);
void tk_fault_report(const uint32_t *frame);

/* Hands the exception frame to C; on a fresh stack where less than 256 bytes are left of the old one. (Otherwise on
 * the old one: the fresh stack would overwrite the frame of a fault near the top.) */
__attribute__((naked)) void tk_fault_handler(void)
{
    __asm volatile("cpsid i\n\t"
                   "mrs r0, msp\n\t"
#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
                   "movs r1, #0\n\t"
                   "msr msplim, r1\n\t"
#endif
                   "ldr r1, =tk_stack_bottom + 256\n\t"
                   "cmp r0, r1\n\t"
                   "bhs 1f\n\t"
                   "ldr r1, =tk_stack_top\n\t"
                   "mov sp, r1\n"
                   "1:\n\t"
                   "ldr r1, =tk_fault_report\n\t"
                   "bx r1\n\t"
                   ".align 2\n\t"
                   ".ltorg");
}

void tk_fault_report(const uint32_t *frame)
{
    const uintptr_t at = (uintptr_t)frame;
    const uintptr_t bottom = (uintptr_t)tk_stack_bottom;
    const uintptr_t top = (uintptr_t)tk_stack_top;
    uint32_t number;
    __asm volatile("mrs %0, ipsr" : "=r"(number));

#ifdef TK_MARKER_PIN
    tk_port_marker(0);
#endif
    int overflow = at < bottom;
    tk_report_begin();
    tk_report_value("exception", number);
    /* Below the stack the core could not save where it was. Bytes 20 and 24 of the frame: lr and pc. */
    if (at >= bottom && at <= top - 32u) {
        tk_report_value("pc", frame[6]);
        tk_report_value("lr", frame[5]);
    }
    tk_report_value("sp", (uint32_t)at);
#if __ARM_ARCH > 6
    const uint32_t cfsr = SCB_CFSR;
    tk_report_value("cfsr", cfsr);
    tk_report_value("hfsr", SCB_HFSR);
    if ((cfsr & CFSR_MMARVALID) != 0) {
        tk_report_value("address", SCB_MMFAR);
    } else if ((cfsr & CFSR_BFARVALID) != 0) {
        tk_report_value("address", SCB_BFAR);
    }
    overflow = overflow || (cfsr & CFSR_STKOF) != 0;
#endif
    if (overflow) {
        tk_report_text(" stack overflow");
    }
    tk_report_end();
    tk_counter_pause();
    for (;;) {
        tk_wait_for_interrupt();
    }
}
