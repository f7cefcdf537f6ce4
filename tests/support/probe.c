/* A firmware without a model that shows what the ports do. Commands are lines, so are answers.
 *
 *   echo TEXT    TEXT in capitals
 *   loop N       ticks before and after an empty loop of N turns of two instructions
 *   state        boot count (kept over resets), a .data and a .bss word (changed afterwards), painted stack bytes
 *   peek N       the word at that address
 *   again        starts once more as from a boot loader that leaves interrupts, SysTick and a stack of its own behind
 *   reset | fault | overflow
 */
#include <stdint.h>
#include <string.h>

#include "tk_config.h"
#include "tk_port.h"

extern uint32_t tk_stack_bottom[], tk_stack_top[];

__attribute__((section(".noinit"))) static uint32_t boots[2];
static volatile uint32_t initialised = 0x12345678u;
static volatile uint32_t cleared;

/* For the size test: an object of the name and kind the model's arena has. */
static volatile uint8_t tk_arena[1024];

static void text(const char *s)
{
    tk_port_write((const uint8_t *)s, strlen(s));
}

static void value(const char *name, uint64_t number)
{
    char digits[21];
    char *at = digits + sizeof digits - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + (char)(number % 10u));
        number /= 10u;
    } while (number != 0);
    text(name);
    text("=");
    text(at);
    text(" ");
}

static uint32_t parse(const char *s)
{
    uint32_t n = 0;
    while (*s >= '0' && *s <= '9') {
        n = n * 10u + (uint32_t)(*s++ - '0');
    }
    return n;
}

#if defined(__arm__)
#define TURNS(n) __asm volatile(".syntax unified\n1: subs %0, %0, #1\n\tbne 1b" : "+l"(n) : : "cc")
#elif defined(__riscv) || defined(__XTENSA__)
#define TURNS(n) __asm volatile("1: addi %0, %0, -1\n\tbnez %0, 1b" : "+r"(n))
#else
#define TURNS(n)                 \
    do {                         \
        __asm volatile("");      \
    } while (--(n) != 0)
#endif

static void loop(uint32_t turns)
{
    uint64_t before = tk_port_ticks();
    uint64_t after = tk_port_ticks();
    const uint64_t empty = after - before;
    before = tk_port_ticks();
    TURNS(turns);
    after = tk_port_ticks();
    value("ticks", after - before);
    value("empty", empty);
}

static void state(void)
{
    value("boots", boots[1]);
    value("data", initialised);
    value("bss", cleared + tk_arena[initialised % sizeof tk_arena]);
    uint32_t painted = 0;
    while (tk_stack_bottom + painted < tk_stack_top && tk_stack_bottom[painted] == 0xC5C5C5C5u) {
        ++painted;
    }
    value("painted", painted * 4u);
    value("stack", (uint64_t)(tk_stack_top - tk_stack_bottom) * 4u);
    initialised = 1;
    cleared = 1;
}

/* The recursion is the point. */
static uint32_t dig(volatile uint32_t *above)
{
    volatile uint32_t frame[64];
    frame[0] = above[0] + 1u;
    return above[0] == UINT32_MAX ? 0 : dig(frame) + frame[0];
}

#if defined(__arm__)
/* Not in all ports: the Pico SDK has its own. */
__attribute__((weak)) void tk_reset_handler(void);

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

static void again(void)
{
    static uint32_t others_stack[64];
    __asm volatile("cpsid i");
    REG(0xE000E014u) = 1000u;      /* SysTick: soon, */
    REG(0xE000E010u) = 7u;         /* with an interrupt */
    REG(0xE000E100u) = 0x80000000u; /* interrupt 31: enabled, */
    REG(0xE000E200u) = 0x80000000u; /* and pending */
    REG(0xE000ED04u) = 1u << 28;   /* PendSV, too */
#if __ARM_ARCH > 6
    __asm volatile("msr basepri, %0" : : "r"(0x20u));
#endif
    __asm volatile("mov r4, %1\n\tmsr psp, %0\n\tmovs r5, #2\n\tmsr control, r5\n\tisb\n\tbx r4"
                   :
                   : "r"(others_stack + 64), "r"(tk_reset_handler)
                   : "r4", "r5", "memory");
}
#endif

static void command(char *line)
{
    if (strncmp(line, "echo ", 5) == 0) {
        for (char *c = line + 5; *c != '\0'; ++c) {
            *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
        }
        text(line + 5);
    } else if (strncmp(line, "loop ", 5) == 0) {
        loop(parse(line + 5));
    } else if (strcmp(line, "state") == 0) {
        state();
    } else if (strncmp(line, "peek ", 5) == 0) {
        value("word", *(volatile uint32_t *)(uintptr_t)parse(line + 5));
#if defined(__arm__)
    } else if (strcmp(line, "again") == 0) {
        again();
#endif
    } else if (strcmp(line, "reset") == 0) {
        tk_port_reset();
    } else if (strcmp(line, "fault") == 0) {
#if defined(__arm__)
        __asm volatile("udf #0");
#else
        __builtin_trap();
#endif
    } else if (strcmp(line, "overflow") == 0) {
        volatile uint32_t start[1] = {0};
        value("deep", dig(start));
    }
    text("\n");
}

int main(void)
{
    static char line[300];
    uint32_t n = 0;
    tk_port_init();
    boots[1] = boots[0] == 0xB0075u ? boots[1] + 1u : 1u;
    boots[0] = 0xB0075u;
    text("ready\n");
    for (;;) {
        const int c = tk_port_getc();
        if (c == '\n') {
            line[n] = '\0';
            n = 0;
            command(line);
        } else if (c >= 0 && n < sizeof line - 1u) {
            line[n++] = (char)c;
        }
    }
}
