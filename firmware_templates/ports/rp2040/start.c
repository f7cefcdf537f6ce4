/* What the Pico SDK's start-up leaves to do, in the place of the Cortex-M family's start.c: stack paint and limit, faults, reset.
 *
 * The SDK's crt0 copies .data, clears .bss, sets the clocks and runs the constructors; the linker script of this family
 * puts the stack at the bottom of the RAM. Below it are the flash controller's addresses, which are kept off limits.
 */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_pico.h"
#include "tk_port.h"

#include "hardware/watchdog.h"

#if __ARM_ARCH > 6
#include "hardware/exception.h"

#define SCB_SHCSR TK_REG(0xE000ED24u)
#define SHCSR_FAULTS (7u << 16) /* UsageFault, BusFault and MemManage have handlers of their own */
#else
#define MPU_CTRL TK_REG(0xE000ED94u)
#define MPU_RNR TK_REG(0xE000ED98u)
#define MPU_RBAR TK_REG(0xE000ED9Cu)
#define MPU_RASR TK_REG(0xE000EDA0u)
#define MPU_ENABLE_DEFAULT 5u /* on; what no region covers is as without an MPU */
#define MPU_1MB 0x00100000u
#define MPU_NO_ACCESS_1MB ((1u << 28) | (19u << 1) | 1u) /* execute never, 2^20 bytes, on */
#endif

#define STACK_PAINT 0xC5C5C5C5u /* the agent looks for the lowest word that lost it */

extern uint32_t tk_stack_bottom[], tk_stack_top[]; /* from the linker script */

void tk_fault_handler(void);
void isr_hardfault(void);

/* The SDK's name for the vector. A branch without a stack frame: the handler wants the one of the exception. */
__attribute__((naked)) void isr_hardfault(void)
{
    __asm volatile("ldr r0, =tk_fault_handler\n\t"
                   "bx r0\n\t"
                   ".align 2\n\t"
                   ".ltorg");
}

__attribute__((constructor)) static void prepare_stack(void)
{
    uint32_t *stack_pointer;
    __asm volatile("mov %0, sp" : "=r"(stack_pointer));
    /* Volatile: as a call of memset this would paint over its own frame. */
    for (volatile uint32_t *word = tk_stack_bottom; word < stack_pointer - 16; ++word) {
        *word = STACK_PAINT;
    }
#if __ARM_ARCH > 6
    /* Each with its own vector: an overflow of the stack could not be reported by a HardFault on that same stack. */
    (void)exception_set_exclusive_handler(MEMMANAGE_EXCEPTION, tk_fault_handler);
    (void)exception_set_exclusive_handler(BUSFAULT_EXCEPTION, tk_fault_handler);
    (void)exception_set_exclusive_handler(USAGEFAULT_EXCEPTION, tk_fault_handler);
    SCB_SHCSR |= SHCSR_FAULTS;
    __asm volatile("msr msplim, %0" : : "r"(tk_stack_bottom));
#else
    MPU_RNR = 0;
    MPU_RBAR = (uint32_t)(uintptr_t)tk_stack_bottom - MPU_1MB;
    MPU_RASR = MPU_NO_ACCESS_1MB;
    MPU_CTRL = MPU_ENABLE_DEFAULT;
    __asm volatile("dsb\n\tisb" ::: "memory");
#endif
}

void tk_port_reset(void)
{
    tk_uart_drain(); /* the reset takes the serial port with it */
    tk_irq_off();
    watchdog_reboot(0, 0, 0); /* resets everything but the oscillators; the RAM keeps its contents */
    for (;;) {
    }
}
