"""The C identifier of a model: what its functions, its header and its library are called."""

from __future__ import annotations

import re

# CMake refuses targets of these names, or takes another for them (policy CMP0037; cmake-generators(7)).
_TARGETS = """
    all clean codegen depend edit_cache help install list_install_components package package_source preinstall
    rebuild_cache run_tests test zero_check
"""
# Libraries that are linked by name: -lm becomes the model itself where a CMake target is called m. And libraries that
# belong to every toolchain.
_LIBRARIES = "m c g gcc gcc_s dl rt pthread stdc atomic nosys util"
# <name>.h lies on the include path before the system's. ISO C11 and C23, POSIX.1-2017, and what C libraries, compilers
# and Arduino's core have besides (the latter in capitals: the same file on a case-insensitive file system).
_HEADERS = """
    assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
    stdbit stdbool stdckdint stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype
    aio cpio dirent dlfcn fcntl fmtmsg fnmatch ftw glob grp iconv langinfo libgen monetary mqueue ndbm netdb nl_types
    poll pthread pwd regex sched search semaphore spawn strings stropts syslog tar termios trace ulimit unistd utime
    utmpx wordexp
    alloca ar byteswap elf endian err error features fts getopt link malloc memory newlib reent regdef sysexits unctrl
    values arm_acle arm_cde arm_fp16 arm_mve arm_neon cmsis_compiler cmsis_gcc cpuid immintrin unwind varargs
    arduino binary client eeprom hardwareserial ipaddress pgmspace print printable server spi stream udp usbapi wire
    wstring
"""
# A component of a project takes the place of ESP-IDF's of the same name, "Build System", "Multiple components with the
# same name".
_COMPONENTS = """
    app_trace app_update bootloader bootloader_support bt cmock console cxx driver efuse espcoredump esptool_py fatfs
    freertos hal heap http_parser idf_test ieee802154 json linux log lwip main mbedtls mqtt nvs_flash nvs_sec_provider
    openthread partition_table perfmon protobuf_c protocomm riscv rt sdmmc soc spi_flash spiffs tcp_transport
    touch_element ulp unity usb vfs wear_levelling wifi_provisioning wpa_supplicant xtensa
"""
_TAKEN = frozenset(f"{_TARGETS} {_LIBRARIES} {_HEADERS} {_COMPONENTS}".split())
# Digits begin no identifier; tk_ is the kernels' and the agent's, esp_ is ESP-IDF's; the last are devices to Windows,
# whatever their suffix.
_TAKEN_PATTERN = re.compile(r"\d|(tk|esp)(_|$)|(con|prn|aux|nul|com\d|lpt\d)$")


def c_identifier(name: str) -> str:
    """A C identifier made from a file name: lower case, everything else underscores.

    A name that a build system, a C library or the runtime has taken gets ``m_`` before it: ``m_string``, ``m_1model``.
    """
    identifier = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "model"
    return f"m_{identifier}" if identifier in _TAKEN or _TAKEN_PATTERN.match(identifier) else identifier
