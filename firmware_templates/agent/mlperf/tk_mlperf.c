#include "tk_mlperf.h"

#include "tk_config.h"
#include "tk_frame.h"
#include "tk_model_info.h"
#include "tk_port.h"
#include "tk_text.h"

#include <stddef.h>
#include <string.h>

#define TERMINATOR '%'
#define LONGEST_COMMAND 80u
#define BYTES_A_LINE 8u

/* Numbers of element types in the TFLite schema's TensorType. */
enum { TYPE_FLOAT32 = 0, TYPE_INT32 = 2, TYPE_UINT8 = 3, TYPE_INT16 = 7, TYPE_INT8 = 9 };

static int model_status;

static char command[LONGEST_COMMAND + 1u];
static size_t length;
static uint8_t too_long;

/* Bytes since the last zero, up to two, and the first of them. */
static uint8_t since_zero = 2, first;
static uint8_t in_frame;

/* The bytes that `db load` announced and those that came; both 0 before the first. */
static uint32_t load_size, loaded;
static uint8_t loading;

static uint8_t has_results;
#ifdef TK_MLPERF_REBUILDS
static float squared_error;
#endif

static void say(const char *line)
{
    tk_text(line);
    tk_text_end();
}

static void say_number(const char *before, uint64_t number, const char *after)
{
    tk_text(before);
    tk_text_number(number);
    say(after);
}

static void say_time(void)
{
    const uint64_t ticks = tk_port_ticks();

    /* In two parts: ticks * 10^6 would not fit after some hours. */
    say_number("m-lap-us-", ticks / TK_COUNTER_HZ * 1000000u + ticks % TK_COUNTER_HZ * 1000000u / TK_COUNTER_HZ, "");
}

/* The next word of the command, or NULL. */
static char *next_word(char **rest)
{
    char *word = *rest;

    while (*word == ' ') {
        word++;
    }
    if (*word == '\0') {
        return NULL;
    }
    char *end = word;
    while (*end != ' ' && *end != '\0') {
        end++;
    }
    *rest = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

static int equal(const char *a, const char *b)
{
    while (*a == *b && *a != '\0') {
        a++;
        b++;
    }
    return *a == *b;
}

/* A decimal number below 2^32. */
static int parse_number(const char *word, uint32_t *number)
{
    uint32_t value = 0;

    do {
        const uint32_t digit = (uint32_t)(unsigned char)*word - (uint32_t)'0';
        if (digit > 9 || value > (UINT32_MAX - digit) / 10u) {
            return 0;
        }
        value = 10u * value + digit;
        word++;
    } while (*word != '\0');
    *number = value;
    return 1;
}

/* The value of a hexadecimal digit, or -1. */
static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static size_t element_bytes(const tk_tensor_info *tensor)
{
    switch (tensor->dtype) {
    case TYPE_FLOAT32:
    case TYPE_INT32:
        return 4;
    case TYPE_INT16:
        return 2;
    default:
        return 1;
    }
}

/* An element of a tensor as a real number: (value - zero point) * scale in single precision. */
static float element(const tk_tensor_info *tensor, const uint8_t *data, size_t index)
{
    int32_t value = 0;

    data += index * element_bytes(tensor);
    switch (tensor->dtype) {
    case TYPE_FLOAT32: {
        float real;
        memcpy(&real, data, sizeof real);
        return real;
    }
    case TYPE_INT32:
        memcpy(&value, data, sizeof value);
        break;
    case TYPE_INT16: {
        int16_t narrow;
        memcpy(&narrow, data, sizeof narrow);
        value = narrow;
        break;
    }
    case TYPE_UINT8:
        value = *data;
        break;
    default:
        value = (int8_t)*data;
        break;
    }
    return tensor->scale > 0 ? tensor->scale * ((float)value - (float)tensor->zero_point) : (float)value;
}

static size_t elements(const tk_tensor_info *tensor)
{
    return tensor->bytes / element_bytes(tensor);
}

#ifdef TK_MLPERF_REBUILDS
/* Of the output against the input: summed in single precision, from the first element to the last. */
static float mean_squared_error(void)
{
    const tk_tensor_info *const in = &tk_model.inputs[0], *const out = &tk_model.outputs[0];
    const uint8_t *const data = tk_model.output(0), *const source = tk_run_input();
    const size_t n = elements(out) < elements(in) ? elements(out) : elements(in);
    float sum = 0;

    for (size_t i = 0; i < n; i++) {
        const float error = element(out, data, i) - element(in, source, i);
        sum += error * error;
    }
    return sum / (float)n;
}
#endif

static void say_results(void)
{
    tk_text("m-results-[");
#ifdef TK_MLPERF_REBUILDS
    tk_text_fixed3(squared_error);
#else
    const tk_tensor_info *const tensor = &tk_model.outputs[0];
    const uint8_t *const data = tk_model.output(0);

    for (size_t i = 0; i < elements(tensor); i++) {
        if (i > 0) {
            tk_text(",");
        }
        tk_text_fixed3(element(tensor, data, i));
    }
#endif
    say("]");
}

static void infer(char *rest)
{
    const char *const runs = next_word(&rest), *const warmups = next_word(&rest);
    uint32_t n = 1, w = 10;

    if (runs != NULL && (!parse_number(runs, &n) || n == 0)) {
        say("e-[infer N: the number of inferences must be from 1 to 4294967295]");
        return;
    }
    if (warmups != NULL && !parse_number(warmups, &w)) {
        say("e-[infer N W: the number of warm-ups must be from 0 to 4294967295]");
        return;
    }
    if (model_status != 0) {
        say("e-[The model could not be initialised]");
        return;
    }
    if (load_size != 0 && (loading || load_size != tk_model.inputs[0].bytes)) {
        tk_text("e-[The input is not loaded: it has ");
        tk_text_number(tk_model.inputs[0].bytes);
        say_number(" bytes, ", loaded, " came]");
        return;
    }
    say_number("m-warmup-start-", w, "");
    for (; w > 0; w--) {
        tk_run_once();
    }
    say("m-warmup-done");
    say_number("m-infer-start-", n, "");
    say_time();
    for (; n > 0; n--) {
        tk_run_once();
    }
    say_time();
    say("m-infer-done");
#ifdef TK_MLPERF_REBUILDS
    squared_error = mean_squared_error(); /* now: the input may be another when it is asked for */
#endif
    has_results = 1;
    say_results();
}

static void load(const char *word)
{
    uint32_t size = 0;

    if (word == NULL || !parse_number(word, &size) || size == 0) {
        say("e-[db load N: the number of bytes must be from 1 up]");
        return;
    }
    loading = size <= tk_model.inputs[0].bytes;
    if (!loading) {
        tk_text("e-[db load N: ");
        tk_text_number(size);
        say_number(" bytes, but the input has ", tk_model.inputs[0].bytes, "]");
        return;
    }
    load_size = size;
    loaded = 0;
    say_number("m-[Expecting ", size, " bytes]");
}

/* Digits past the last byte are not looked at; where one before it is wrong, the line changes nothing. */
static void take_hex(const char *digits)
{
    size_t count = 0;

    if (!loading) {
        say("e-[db HEX: no load is under way, begin one with db load N]");
        return;
    }
    while (digits[count] != '\0') {
        count++;
    }
    if (count % 2u != 0) {
        say("e-[db HEX: the number of digits is odd]");
        return;
    }
    size_t bytes = count / 2u;
    bytes = bytes < load_size - loaded ? bytes : load_size - loaded;
    for (size_t i = 0; i < 2u * bytes; i++) {
        if (hex_value(digits[i]) < 0) {
            say("e-[db HEX: not a hexadecimal digit]");
            return;
        }
    }
    uint8_t *const to = tk_run_input();
    for (size_t i = 0; i < bytes; i++) {
        to[loaded++] = (uint8_t)(hex_value(digits[2u * i]) * 16 + hex_value(digits[2u * i + 1u]));
    }
    if (loaded == load_size) {
        loading = 0;
        say("m-load-done");
    }
}

static void print_buffer(void)
{
    const uint8_t *const from = tk_run_input();

    for (uint32_t i = 0; i < load_size; i++) {
        tk_text(i % BYTES_A_LINE == 0 ? "m-buffer-" : "-");
        tk_text_hex(from[i]);
        if ((i + 1u) % BYTES_A_LINE == 0 || i + 1u == load_size) {
            tk_text_end();
        }
    }
}

static void db(char *rest)
{
    const char *const word = next_word(&rest);

    if (word == NULL) {
        say("e-[db: load N, HEX or print must follow]");
    } else if (equal(word, "load")) {
        load(next_word(&rest));
    } else if (equal(word, "print")) {
        print_buffer();
    } else if (next_word(&rest) != NULL) {
        say("e-[db HEX: digits must not be apart]");
    } else {
        take_hex(word);
    }
}

static void help(void)
{
    say("tinykit " TK_VERSION ", MLPerf Tiny " TK_MLPERF " on " TK_BOARD);
    say("name          the board");
    say("timestamp     microseconds since some start");
    say("profile       version and model");
    say("db load N     N bytes of input follow");
    say("db HEX        some of them");
    say("db print      the bytes");
    say("infer N [W]   N inferences after W warm-ups");
    say("results       of the last infer");
    say("help          this");
}

static void carry_out(void)
{
    char *rest = command;
    const char *const name = next_word(&rest);

    if (too_long) {
        say_number("e-[A command has at most ", LONGEST_COMMAND, " characters]");
    } else if (name == NULL) {
        say("e-[No command]");
    } else if (equal(name, "name")) {
        say("m-name-dut-[" TK_BOARD "]");
    } else if (equal(name, "timestamp")) {
        say_time();
    } else if (equal(name, "profile")) {
        say("m-profile-[tinykit " TK_VERSION "]");
        say("m-model-[" TK_MLPERF "]");
    } else if (equal(name, "help")) {
        help();
    } else if (equal(name, "db")) {
        db(rest);
    } else if (equal(name, "infer")) {
        infer(rest);
    } else if (!equal(name, "results")) {
        say("e-[Unknown command]"); /* not repeated: it may be anything */
    } else if (has_results) {
        say_results();
    } else {
        say("e-[results: no inference yet]");
    }
    say("m-ready");
}

static void take(char character)
{
    if (character == TERMINATOR) {
        command[length] = '\0';
        carry_out();
        length = 0;
        too_long = 0;
    } else if (character == '\r' || character == '\n') {
        return; /* a person's terminal sends them */
    } else if (length == LONGEST_COMMAND) {
        too_long = 1;
    } else {
        command[length++] = character;
    }
}

void tk_mlperf_start(int status)
{
    model_status = status;
    say("m-init-done");
    say("m-ready");
}

/* Text has no zeros, a frame begins with one; then come a code of COBS, which may be any character, and the kind of
 * the frame, which is none. */
void tk_mlperf_receive(uint8_t byte)
{
    if (byte == 0) {
        since_zero = 0;
        in_frame = 0;
        length = 0;
        too_long = 0;
        return;
    }
    if (in_frame) {
        return;
    }
    if (since_zero == 0) {
        since_zero = 1;
        first = byte;
        return;
    }
    if (since_zero == 1) {
        since_zero = 2;
        if (byte == TK_REQUEST) {
            in_frame = 1;
            return;
        }
        take((char)first);
    }
    take((char)byte);
}

void tk_mlperf_forget(void)
{
    has_results = 0;
}
