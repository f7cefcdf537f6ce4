#pragma once
#include <stddef.h>
#include <stdint.h>

typedef uint8_t StackType_t;
typedef int BaseType_t;
typedef unsigned int UBaseType_t;
typedef uint32_t TickType_t;
typedef struct {
    void *private[90];
} StaticTask_t;
#define portMAX_DELAY ((TickType_t)0xffffffffUL)
#define tskIDLE_PRIORITY ((UBaseType_t)0U)
