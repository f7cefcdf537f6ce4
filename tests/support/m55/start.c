/* Start of a test program on an emulated Cortex-M55: its files are this computer's, over semihosting. */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

extern uint32_t stack_top;
extern int main(void);
extern void initialise_monitor_handles(void);

#define CPACR (*(volatile uint32_t *)0xE000ED88u)

/* newlib's aligned_alloc needs it and does not bring it. */
int posix_memalign(void **memory, size_t alignment, size_t size);
int posix_memalign(void **memory, size_t alignment, size_t size)
{
    *memory = memalign(alignment, size);
    return *memory == NULL;
}

void _init(void);
void _init(void) {}
void _fini(void);
void _fini(void) {}
void reset(void);

static void fault(void)
{
    _Exit(99);
}

void reset(void)
{
    CPACR |= 0xFu << 20; /* floating point and vectors */
    __asm__ volatile("dsb\n\tisb");
    initialise_monitor_handles();
    if (freopen("/dev/stdin", "rb", stdin) == NULL || freopen("/dev/stdout", "wb", stdout) == NULL) {
        _Exit(98);
    }
    exit(main());
}

typedef struct {
    uint32_t *stack;
    void (*handlers[15])(void);
} vector_table;

__attribute__((section(".vectors"), used)) static const vector_table vectors = {
    &stack_top, {reset, fault, fault, fault, fault, fault, fault},
};
