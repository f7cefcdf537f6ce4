# Sets PICO_SDK_PATH: as given (-DPICO_SDK_PATH=...), else from the environment, else where Debian's pico-sdk-source is.

if(NOT PICO_SDK_PATH AND DEFINED ENV{PICO_SDK_PATH})
    set(PICO_SDK_PATH "$ENV{PICO_SDK_PATH}")
endif()
if(NOT PICO_SDK_PATH)
    foreach(folder /usr/src/pico-sdk /usr/share/pico-sdk)
        if(EXISTS ${folder}/pico_sdk_init.cmake)
            set(PICO_SDK_PATH ${folder})
            break()
        endif()
    endforeach()
endif()
if(NOT EXISTS "${PICO_SDK_PATH}/pico_sdk_init.cmake")
    message(FATAL_ERROR
        "The Raspberry Pi Pico SDK was not found (PICO_SDK_PATH is \"${PICO_SDK_PATH}\").\n"
        "Install it (Debian 13, Ubuntu 25.04: apt-get install pico-sdk-source), or set PICO_SDK_PATH to a checkout of "
        "https://github.com/raspberrypi/pico-sdk.")
endif()
get_filename_component(PICO_SDK_PATH "${PICO_SDK_PATH}" REALPATH BASE_DIR "${CMAKE_BINARY_DIR}")
set(PICO_SDK_PATH "${PICO_SDK_PATH}" CACHE PATH "folder of the Raspberry Pi Pico SDK" FORCE)
