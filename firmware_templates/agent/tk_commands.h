/* The commands of the link. docs/protocol.md has every payload byte by byte. */
#ifndef TK_COMMANDS_H
#define TK_COMMANDS_H

#include <stddef.h>
#include <stdint.h>

#define TK_PROTOCOL_VERSION 1

enum {
    TK_HELLO = 0x01,
    TK_INFO = 0x02,
    TK_WRITE = 0x03,
    TK_RUN = 0x04,
    TK_READ = 0x05,
    TK_MEMORY = 0x06,
    TK_RESET = 0x07,
    TK_BANNER = 0x10
};

enum {
    TK_OK = 0,
    TK_NO_SESSION = 1,
    TK_BAD_COMMAND = 2,
    TK_BAD_LENGTH = 3,
    TK_BAD_INDEX = 4,
    TK_BAD_RANGE = 5,
    TK_BAD_ARGUMENT = 6,
    TK_MODEL_FAILED = 7
};

enum { TK_OBJECT_OUTPUT = 0, TK_OBJECT_INPUT = 1, TK_OBJECT_PROFILE = 2 };

/* What a command answers: a status and, with TK_OK, `length` bytes of payload in the reply buffer. */
typedef struct {
    uint8_t status;
    size_t length;
} tk_answer;

/* Each takes its request's payload and writes the reply's; `capacity` is the room there. */
tk_answer tk_do_info(const uint8_t *request, size_t length, uint8_t *reply, size_t capacity);
tk_answer tk_do_write(const uint8_t *request, size_t length);
tk_answer tk_do_run(const uint8_t *request, size_t length, uint8_t *reply);
tk_answer tk_do_read(const uint8_t *request, size_t length, uint8_t *reply, size_t capacity);
tk_answer tk_do_memory(uint8_t *reply);

/* Whether tk_do_run would start: checked before the host is told that the run was accepted. */
uint8_t tk_check_run(const uint8_t *request, size_t length);

#endif
