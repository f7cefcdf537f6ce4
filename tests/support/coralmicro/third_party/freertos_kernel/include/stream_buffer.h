#pragma once
typedef struct StreamBufferDef_t *StreamBufferHandle_t;
extern "C" {
StreamBufferHandle_t xStreamBufferGenericCreate(size_t bytes, size_t trigger, BaseType_t is_message_buffer);
size_t xStreamBufferSend(StreamBufferHandle_t buffer, const void *data, size_t n, TickType_t ticks);
size_t xStreamBufferReceive(StreamBufferHandle_t buffer, void *data, size_t n, TickType_t ticks);
}
#define xStreamBufferCreate(bytes, trigger) xStreamBufferGenericCreate(bytes, trigger, 0)
