# With the compiler on PATH. The real one fetches "gcc-arm-none-eabi-9-2020-q2-update/bin".
get_filename_component(CORAL_MICRO_SOURCE_DIR "${CMAKE_CURRENT_LIST_DIR}/.." REALPATH)
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
find_program(CMAKE_C_COMPILER arm-none-eabi-gcc REQUIRED)
find_program(CMAKE_CXX_COMPILER arm-none-eabi-g++ REQUIRED)

set(CMAKE_C_FLAGS "-Wall -Wno-psabi -mthumb -fno-common -ffunction-sections -fdata-sections -ffreestanding -fno-builtin --specs=nano.specs -std=gnu99" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS "-Wall -Wno-psabi -mthumb -fno-common -ffunction-sections -fdata-sections -ffreestanding -fno-builtin --specs=nano.specs -fno-rtti -fno-exceptions" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_RELEASE "-g -Os" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-g -Os" CACHE STRING "" FORCE)
set(CM7_C_FLAGS -mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-d16)

function(add_executable_m7)
    cmake_parse_arguments(APP "" "LINKER_SCRIPT;M4_EXECUTABLE" "DATA" ${ARGN})
    add_executable(${APP_UNPARSED_ARGUMENTS})
    target_compile_options(${ARGV0} PUBLIC ${CM7_C_FLAGS})
    target_link_options(${ARGV0} PUBLIC ${CM7_C_FLAGS} -nostartfiles -Wl,--unresolved-symbols=ignore-all -Wl,--gc-sections
        -T${CORAL_MICRO_SOURCE_DIR}/cm7_ram.ld)
    file(GENERATE OUTPUT ${ARGV0}.libs CONTENT "$<TARGET_PROPERTY:${ARGV0},LINK_LIBRARIES>")
endfunction()

function(add_library_m7)
    add_library(${ARGN})
    target_compile_options(${ARGV0} PUBLIC ${CM7_C_FLAGS})
endfunction()
