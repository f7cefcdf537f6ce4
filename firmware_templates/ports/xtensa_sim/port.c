/* QEMU's Xtensa simulation machine ("-M sim -semihosting"): the serial line is the simulator's console, by simcall.
 *
 * There is no receive interrupt: an empty line is looked at again after a millisecond's sleep, or at once while bytes
 * come. The reset is the firmware's own: the machine has none, so main memory but .noinit is set up anew.
 *
 * Sources: Tensilica, Xtensa Instruction Set Architecture Reference Manual (timer interrupt, exceptions);
 * QEMU, target/xtensa/xtensa-semi.c (simcall numbers and results).
 */
#include "tk_config.h"
#include "tk_port.h"
#include "tk_report.h"

#define SIMCALL_READ 3
#define SIMCALL_WRITE 4
#define POLL_TICKS (TK_COUNTER_HZ / 1000u)
/* Looks at an empty line after the last byte before going to sleep: QEMU hands over 16 bytes at a time. */
#define PATIENCE 2000u

extern const uint8_t tk_stack_bottom[]; /* from the linker script */

int tk_simcall(int number, int a, const void *b, int c);
void tk_sleep(uint32_t ticks);
void _start(void) __attribute__((noreturn));
void tk_fault(uint32_t cause, uint32_t pc, uint32_t address, uint32_t stack_pointer);

static uint8_t received[16];
static int next, end;
static uint32_t patience;

static uint32_t ticks_high;
static uint32_t ticks_last;

/* By start.S: one line on the serial port says where and why, then the core sleeps for good. */
void tk_fault(uint32_t cause, uint32_t pc, uint32_t address, uint32_t stack_pointer)
{
    tk_report_begin();
    tk_report_value("exception", cause);
    tk_report_value("pc", pc);
    tk_report_value("address", address);
    tk_report_value("sp", stack_pointer);
    if (stack_pointer < (uintptr_t)tk_stack_bottom) {
        tk_report_text(" stack overflow");
    }
    tk_report_end();
    for (;;) {
        tk_sleep(TK_COUNTER_HZ);
    }
}

void tk_port_init(void)
{
    next = 0;
    end = 0;
}

int tk_port_getc(void)
{
    if (next == end) {
        const int count = tk_simcall(SIMCALL_READ, 0, received, (int)sizeof received);

        next = 0;
        end = count > 0 ? count : 0;
        if (end > 0) {
            patience = PATIENCE;
        } else if (patience > 0) {
            patience--;
        } else {
            tk_sleep(POLL_TICKS);
        }
    }
    return next == end ? -1 : received[next++];
}

void tk_port_write(const uint8_t *data, size_t n)
{
    while (n > 0) {
        const int written = tk_simcall(SIMCALL_WRITE, 1, data, (int)n);

        if (written > 0) {
            data += written;
            n -= (size_t)written;
        }
    }
}

/* CCOUNT has 32 bits: read at least every 2^32 ticks, 1.6e9 instructions, it never runs backwards. */
uint64_t tk_port_ticks(void)
{
    uint32_t now;

    __asm volatile("rsr %0, ccount" : "=r"(now) : : "memory");
    if (now < ticks_last) {
        ticks_high++;
    }
    ticks_last = now;
    return (uint64_t)ticks_high << 32 | now;
}

void tk_port_reset(void)
{
    _start();
}
