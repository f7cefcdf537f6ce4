#pragma once
#ifndef __cplusplus
#error "for the port, which is C++"
#endif
typedef struct tskTaskControlBlock *TaskHandle_t;
typedef void (*TaskFunction_t)(void *);
extern "C" {
BaseType_t xTaskCreate(TaskFunction_t code, const char *const name, const configSTACK_DEPTH_TYPE words,
                       void *const parameters, UBaseType_t priority, TaskHandle_t *const created);
void vTaskStartScheduler(void);
void vTaskDelay(const TickType_t ticks);
TickType_t xTaskGetTickCount(void);
void vPortYield(void);
}
#define taskYIELD() vPortYield()
