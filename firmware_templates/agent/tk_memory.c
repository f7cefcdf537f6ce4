/* MEMORY: how much of the stack was ever used. */
#include "tk_commands.h"

#include "tk_bytes.h"
#include "tk_model_info.h"

/* From the port's linker script; equal where the operating system provides the stack. */
extern const uint8_t tk_stack_bottom[], tk_stack_top[];

#define STACK_PAINT 0xC5u

tk_answer tk_do_memory(uint8_t *reply)
{
    const size_t size = (size_t)((uintptr_t)tk_stack_top - (uintptr_t)tk_stack_bottom);
    size_t untouched = 0;
    tk_answer answer = {TK_OK, 0};

    while (untouched < size && tk_stack_bottom[untouched] == STACK_PAINT) {
        untouched++;
    }
    uint8_t *end = tk_put_u32(reply, tk_model.arena_bytes);
    end = tk_put_u32(tk_put_u32(end, (uint32_t)size), (uint32_t)(size - untouched));
    answer.length = (size_t)(end - reply);
    return answer;
}
