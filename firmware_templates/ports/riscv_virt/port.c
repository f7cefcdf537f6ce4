/* QEMU's RISC-V "virt" machine: 16550 UART, PLIC, instret, and the test device that resets the machine.
 *
 * Sources: National Semiconductor PC16550D data sheet; RISC-V PLIC specification 1.0; RISC-V privileged
 * architecture 1.12; QEMU docs, "virt" machine.
 */
#include "tk_config.h"
#include "tk_port.h"
#include "tk_report.h"
#include "tk_rx_ring.h"

#define REG8(address) (*(volatile uint8_t *)(uintptr_t)(address))
#define REG32(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define UART_RBR REG8(TK_UART_BASE + 0u) /* read: received byte */
#define UART_THR REG8(TK_UART_BASE + 0u) /* write: byte to send */
#define UART_IER REG8(TK_UART_BASE + 1u)
#define UART_FCR REG8(TK_UART_BASE + 2u)
#define UART_LCR REG8(TK_UART_BASE + 3u)
#define UART_LSR REG8(TK_UART_BASE + 5u)
#define IER_RX 0x01u
#define FCR_ENABLE_14 0xC1u /* FIFOs on, interrupt at 14 bytes, or when no more come for 4 characters' time */
#define LCR_8N1 0x03u
#define LCR_DIVISOR 0x80u /* the first two registers are the divisor */
#define DIVISOR_FASTEST 1u /* the machine's UART has no real line */
#define LSR_RX_READY 0x01u
#define LSR_TX_EMPTY 0x20u

/* Context 0 is machine mode of hart 0. */
#define PLIC_PRIORITY(irq) REG32(TK_PLIC_BASE + 4u * (irq))
#define PLIC_ENABLE(irq) REG32(TK_PLIC_BASE + 0x2000u + 4u * ((irq) / 32u))
#define PLIC_THRESHOLD REG32(TK_PLIC_BASE + 0x200000u)
#define PLIC_CLAIM REG32(TK_PLIC_BASE + 0x200004u)

#define TEST_FINISHER REG32(TK_TEST_BASE)
#define TEST_RESET 0x7777u

#define MIE_EXTERNAL (1u << 11)
#define MSTATUS_MIE (1u << 3)
#define MCAUSE_EXTERNAL 0x8000000Bu

#define CSR_READ(name, value) __asm volatile("csrr %0, " name : "=r"(value) : : "memory")
#define CSR_SET(name, bits) __asm volatile("csrs " name ", %0" : : "r"(bits) : "memory")
#define CSR_CLEAR(name, bits) __asm volatile("csrc " name ", %0" : : "r"(bits) : "memory")

extern uint32_t tk_stack_bottom[]; /* from the linker script */

static tk_rx_ring received;

void tk_trap(void);
void tk_stack_overflow(uint32_t stack_pointer);

static void wait_for_interrupt(void)
{
    __asm volatile("wfi" ::: "memory");
}

/* Faults stop visibly: one line on the serial port says where and why, then the core sleeps for good. */
static void fault(uint32_t stack_pointer)
{
    uint32_t cause;
    uint32_t pc;
    uint32_t value;
    CSR_READ("mcause", cause);
    CSR_READ("mepc", pc);
    CSR_READ("mtval", value);
    tk_report_begin();
    tk_report_value("exception", cause);
    tk_report_value("pc", pc);
    tk_report_value("address", value);
    tk_report_value("sp", stack_pointer);
    if (stack_pointer < (uintptr_t)tk_stack_bottom) {
        tk_report_text(" stack overflow");
    }
    tk_report_end();
    CSR_CLEAR("mie", UINT32_MAX);
    for (;;) {
        wait_for_interrupt();
    }
}

/* All traps, by start.S: the UART's interrupt, or a fault. */
__attribute__((interrupt("machine"), aligned(4))) void tk_trap(void)
{
    uint32_t cause;
    CSR_READ("mcause", cause);
    if (cause != MCAUSE_EXTERNAL) {
        fault((uint32_t)(uintptr_t)__builtin_frame_address(0));
    }
    const uint32_t irq = PLIC_CLAIM;
    while ((UART_LSR & LSR_RX_READY) != 0) {
        tk_rx_put(&received, UART_RBR);
    }
    PLIC_CLAIM = irq;
}

/* By start.S, on a fresh stack. */
void tk_stack_overflow(uint32_t stack_pointer)
{
    fault(stack_pointer);
}

void tk_port_init(void)
{
    UART_LCR = LCR_8N1 | LCR_DIVISOR;
    UART_THR = DIVISOR_FASTEST;
    UART_IER = 0;
    UART_LCR = LCR_8N1;
    UART_FCR = FCR_ENABLE_14;
    UART_IER = IER_RX;
    PLIC_PRIORITY(TK_UART_IRQ) = 1;
    PLIC_ENABLE(TK_UART_IRQ) = 1u << (TK_UART_IRQ % 32u);
    PLIC_THRESHOLD = 0;
    CSR_SET("mie", MIE_EXTERNAL);
    CSR_SET("mstatus", MSTATUS_MIE);
}

int tk_port_getc(void)
{
    const int byte = tk_rx_get(&received);
    if (byte >= 0) {
        return byte;
    }
    /* With interrupts off a byte cannot slip in between the look and the sleep; it still ends the sleep. */
    CSR_CLEAR("mstatus", MSTATUS_MIE);
    if (tk_rx_empty(&received)) {
        wait_for_interrupt();
    }
    CSR_SET("mstatus", MSTATUS_MIE);
    return tk_rx_get(&received);
}

void tk_port_write(const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        while ((UART_LSR & LSR_TX_EMPTY) == 0) {
        }
        UART_THR = data[i];
    }
}

uint64_t tk_port_ticks(void)
{
    uint32_t high;
    uint32_t low;
    uint32_t again;
    do {
        CSR_READ("instreth", high);
        CSR_READ("instret", low);
        CSR_READ("instreth", again);
    } while (again != high);
    return (uint64_t)high << 32 | low;
}

void tk_port_reset(void)
{
    CSR_CLEAR("mstatus", MSTATUS_MIE);
    TEST_FINISHER = TEST_RESET;
    for (;;) {
    }
}
