/* From reset to main() on a Cortex-M: vectors, FPU, stack paint, .data, .bss; and how to get back to reset.
 *
 * Not always from reset: a boot loader, in ROM or flash, may have jumped here, with its own stack, interrupts and MPU.
 *
 * Registers: Armv6-M, Armv7-M and Armv8-M Architecture Reference Manuals, System Control Block.
 */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_port.h"

#define SYSTICK_CTRL TK_REG(0xE000E010u)
#define SCB_ICSR TK_REG(0xE000ED04u)
#define SCB_VTOR TK_REG(0xE000ED08u)
#define SCB_AIRCR TK_REG(0xE000ED0Cu)
#define SCB_SHCSR TK_REG(0xE000ED24u)
#define SCB_CPACR TK_REG(0xE000ED88u)
#define MPU_CTRL TK_REG(0xE000ED94u)
#define MPU_RNR TK_REG(0xE000ED98u)
#define MPU_RBAR TK_REG(0xE000ED9Cu)
#define MPU_RASR TK_REG(0xE000EDA0u)

#define ICSR_CLEAR_PENDING ((1u << 27) | (1u << 25)) /* PENDSVCLR, PENDSTCLR */
#define AIRCR_SYSRESETREQ 0x05FA0004u  /* VECTKEY | SYSRESETREQ */
#define CPACR_CP10_CP11 (0xFu << 20)   /* full access to FPU and MVE */
#define SHCSR_FAULTS (7u << 16)        /* UsageFault, BusFault and MemManage have handlers of their own */
#define MPU_ENABLE_DEFAULT 5u          /* on; what no region covers is as without an MPU */
#define MPU_NO_ACCESS_1MB ((1u << 28) | (19u << 1) | 1u) /* execute never, 2^20 bytes, on */
#if __ARM_ARCH > 6
#define INTERRUPTS 240u
#else
#define INTERRUPTS 32u
#endif
#define STACK_PAINT 0xC5C5C5C5u        /* the agent looks for the lowest word that lost it */

/* From the linker script. */
extern uint32_t tk_stack_bottom[], tk_stack_top[];
extern uint32_t tk_data_load[], tk_data_start[], tk_data_end[];
extern uint32_t tk_bss_start[], tk_bss_end[];

int main(void);
void tk_reset_handler(void);
void tk_start(void);
void tk_fault_handler(void);

typedef union {
    uint32_t *stack;
    void (*handler)(void);
} tk_vector;

/* Interrupts that are not listed stay disabled; their empty vectors would end in a fault, which is reported. The
 * alignment is what VTOR asks for with up to 112 interrupts. */
__attribute__((section(".vectors"), used, aligned(512)))
const tk_vector tk_vectors[16u + TK_UART_RX_IRQ + 2u] = {
    [0] = {.stack = tk_stack_top},
    [1] = {.handler = tk_reset_handler},
    [2] = {.handler = tk_fault_handler}, /* NMI */
    [3] = {.handler = tk_fault_handler}, /* HardFault */
    [4] = {.handler = tk_fault_handler}, /* MemManage */
    [5] = {.handler = tk_fault_handler}, /* BusFault */
    [6] = {.handler = tk_fault_handler}, /* UsageFault */
    [7] = {.handler = tk_fault_handler}, /* SecureFault */
    [11] = {.handler = tk_fault_handler}, /* SVCall */
    [12] = {.handler = tk_fault_handler}, /* DebugMonitor */
    [14] = {.handler = tk_fault_handler}, /* PendSV */
#if defined(TK_COUNTER_SYSTICK)
    [15] = {.handler = tk_systick_interrupt},
#else
    [15] = {.handler = tk_fault_handler}, /* SysTick */
#endif
    /* Some chips and emulators disagree which of the UART's two neighbouring lines is "receive". */
    [16u + TK_UART_RX_IRQ] = {.handler = tk_uart_interrupt},
    [16u + TK_UART_RX_IRQ + 1u] = {.handler = tk_uart_interrupt},
};

/* Volatile in these loops: the compiler must not turn them into calls of memset or memcpy, whose own stack
 * frames would be painted over, and which may use the FPU that is not on yet. */
static void fill(volatile uint32_t *from, const volatile uint32_t *to, uint32_t value)
{
    while (from < to) {
        *from++ = value;
    }
}

__attribute__((weak)) void tk_chip_start(void)
{
}

/* The main stack, from its top, privileged, with all masks as after reset but for interrupts, which are off. */
__attribute__((naked)) void tk_reset_handler(void)
{
    __asm volatile("cpsid i\n\t"
                   "movs r0, #0\n\t"
#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
                   "msr msplim, r0\n\t"
#endif
                   "msr control, r0\n\t"
                   "isb\n\t"
#if __ARM_ARCH > 6
                   "msr basepri, r0\n\t"
                   "cpsie f\n\t"
#endif
                   "ldr r0, =tk_stack_top\n\t"
                   "msr msp, r0\n\t"
                   "isb\n\t"
                   "ldr r0, =tk_start\n\t"
                   "bx r0\n\t"
                   ".align 2\n\t"
                   ".ltorg");
}

/* Nothing that a boot loader started may interrupt, or be pending. Registers of interrupts a chip has not read as zero
 * and ignore what is written. */
static void forget_interrupts(void)
{
    SYSTICK_CTRL = 0;
    for (uint32_t irq = 0; irq < INTERRUPTS; irq += 32u) {
        TK_NVIC_ICER(irq) = 0xFFFFFFFFu;
        TK_NVIC_ICPR(irq) = 0xFFFFFFFFu;
    }
    SCB_ICSR = ICSR_CLEAR_PENDING;
    __asm volatile("dsb\n\tisb" ::: "memory");
}

void tk_start(void)
{
    forget_interrupts();
#if __ARM_ARCH > 6
    SCB_VTOR = (uint32_t)(uintptr_t)tk_vectors;
#endif
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    SCB_CPACR |= CPACR_CP10_CP11;
    __asm volatile("dsb\n\tisb" ::: "memory");
#endif
#if __ARM_ARCH > 6
    /* Without these every fault is a HardFault, and one whose stack is not there locks the core up. */
    SCB_SHCSR |= SHCSR_FAULTS;
    MPU_CTRL = 0;
#endif
    tk_chip_start();
#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
    __asm volatile("msr msplim, %0" : : "r"(tk_stack_bottom));
#elif defined(TK_STACK_GUARD)
    /* Where the bus does not object to addresses below the RAM, the MPU does. */
    MPU_RNR = 0;
    MPU_RBAR = TK_STACK_GUARD;
    MPU_RASR = MPU_NO_ACCESS_1MB;
    MPU_CTRL = MPU_ENABLE_DEFAULT;
    __asm volatile("dsb\n\tisb" ::: "memory");
#endif

    uint32_t *stack_pointer;
    __asm volatile("mov %0, sp" : "=r"(stack_pointer));
    fill(tk_stack_bottom, stack_pointer - 16, STACK_PAINT); /* leaves room for the frame of fill() */
    fill(tk_bss_start, tk_bss_end, 0);
    const volatile uint32_t *from = tk_data_load;
    for (volatile uint32_t *to = tk_data_start; to < tk_data_end;) {
        *to++ = *from++;
    }

    (void)main();
    tk_port_reset();
}

void tk_port_reset(void)
{
    tk_irq_off();
    __asm volatile("dsb" ::: "memory");
    SCB_AIRCR = AIRCR_SYSRESETREQ;
    __asm volatile("dsb" ::: "memory");
    for (;;) {
    }
}
