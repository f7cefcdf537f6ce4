/* A model for tests of the agent: says how often it ran, and misbehaves when asked to.
 *
 * Inputs: "data" (600 bytes) and "command" (int32). Outputs: "echo" (data, each byte one more) and "runs" (int32).
 */
#define _POSIX_C_SOURCE 200809L

#include "tk_config.h"
#include "tk_model_info.h"
#include "tk_port.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DATA 600u

static int8_t data[DATA];
static int8_t echo[DATA];
static int32_t command;
static int32_t runs;
static uint8_t arena[4096]; /* has the number of the last layer and of the run at its end */

extern void (*tk_layer_hook)(unsigned layer);

static const tk_tensor_info inputs[] = {
    {.name = "data", .dtype = 9, .rank = 3, .dims = {1, 10, 60}, .scale = 0.5f, .zero_point = -3, .bytes = DATA},
    {.name = "command", .dtype = 2, .rank = 1, .dims = {1}, .bytes = 4},
};
static const tk_tensor_info outputs[] = {
    {.name = "echo", .dtype = 9, .rank = 2, .dims = {1, 600}, .scale = 0.25f, .zero_point = 7, .bytes = DATA},
    {.name = "runs", .dtype = 2, .rank = 0, .bytes = 4},
};

static void wait_for_good(void)
{
    for (;;) {
        (void)pause();
    }
}

static void obey(void)
{
    static const char fault[] = "\0\r\ntk-fault: exception=0x00000003 pc=0x00001234\r\n";

    if (command > 0) { /* milliseconds */
        const struct timespec time = {command / 1000, command % 1000 * 1000000L};
        (void)nanosleep(&time, NULL);
    } else if (command == -1) {
        abort();
    } else if (command == -2) {
        tk_port_write((const uint8_t *)fault, sizeof fault); /* with the zero at its end */
        wait_for_good();
    } else if (command == -3) {
        wait_for_good();
    } else if (command == -4) {
        tk_port_reset();
    }
}

static void layer(unsigned number)
{
    arena[sizeof arena - 2] = (uint8_t)number;
    arena[sizeof arena - 1] = (uint8_t)runs;
    if (tk_layer_hook != NULL) {
        tk_layer_hook(number);
    }
}

static void run(void)
{
    runs++;
    for (unsigned i = 0; i < DATA; i++) {
        echo[i] = (int8_t)(data[i] == INT8_MAX ? INT8_MIN : data[i] + 1);
    }
    layer(0);
    obey();
    layer(1);
    memset(data, 0x55, sizeof data); /* a model may use its inputs' memory */
    command = 0;
}

static int init(void)
{
    return INIT_STATUS;
}

static void *input(unsigned i)
{
    return i == 0 ? (void *)data : (void *)&command;
}

static const void *output(unsigned i)
{
    if (INIT_STATUS != 0) {
        abort(); /* there is none */
    }
    return i == 0 ? (const void *)echo : (const void *)&runs;
}

const tk_model_info tk_model = {
    .name = "counting",
    .engine = "test",
    .sha256 = {0x5A, 0x01},
    .build_id = TK_BUILD_ID,
    .n_inputs = 2,
    .n_outputs = 2,
    .n_layers = TK_MODEL_LAYERS,
    .arena_bytes = sizeof arena,
    .arena = arena,
    .inputs = inputs,
    .outputs = outputs,
    .init = init,
    .input = input,
    .output = output,
    .run = run,
};
