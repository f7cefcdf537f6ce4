/* A model for tests of MLPerf Tiny's protocol: its output is its input, element for element, as far as that goes.
 *
 * SOURCE and TARGET are the tensors (fields of tk_tensor_info), IN and OUT their sizes in bytes; INIT_STATUS is what
 * the initialisation says. A first byte of 0xEE makes it hang, 0xEF restart.
 */
#include "tk_config.h"
#include "tk_model_info.h"
#include "tk_port.h"

#include <string.h>

static union {
    uint8_t bytes[IN];
    uint32_t align;
} in;
static union {
    uint8_t bytes[OUT];
    uint32_t align;
} out;

static const tk_tensor_info inputs[] = {{.name = "in", .rank = 1, .bytes = IN, SOURCE}};
static const tk_tensor_info outputs[] = {{.name = "out", .rank = 1, .bytes = OUT, TARGET}};

static void run(void)
{
    while (in.bytes[0] == 0xEE) {
    }
    if (in.bytes[0] == 0xEF) {
        tk_port_reset();
    }
    memcpy(out.bytes, in.bytes, IN < OUT ? IN : OUT);
    memset(in.bytes, 0x55, IN); /* a model may use its input's memory */
}

static int init(void)
{
    return INIT_STATUS;
}

static void *input(unsigned i)
{
    return i == 0 ? in.bytes : NULL;
}

static const void *output(unsigned i)
{
    return i == 0 ? out.bytes : NULL;
}

const tk_model_info tk_model = {
    .name = "small",
    .engine = "test",
    .sha256 = {0x5A},
    .build_id = TK_BUILD_ID,
    .n_inputs = 1,
    .n_outputs = 1,
    .arena_bytes = 16,
    .inputs = inputs,
    .outputs = outputs,
    .init = init,
    .input = input,
    .output = output,
    .run = run,
};
