"""The programs tinykit drives: where they are, which version, and the command that installs them here."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tinykit.board import coralmicro
from tinykit.board.espressif_qemu import find_with_machine, install_words
from tinykit.board.model import Board
from tinykit.errors import ToolMissing

PACKAGE_MANAGERS = {
    "apt": "sudo apt-get install -y",
    "dnf": "sudo dnf install -y",
    "pacman": "sudo pacman -S --needed",
    "brew": "brew install",
}
_OS_FAMILIES = {  # ID and ID_LIKE of os-release(5)
    "debian": "apt",
    "ubuntu": "apt",
    "fedora": "dnf",
    "rhel": "dnf",
    "centos": "dnf",
    "arch": "pacman",
}


@dataclass(frozen=True)
class Tool:
    """One program and the packages that bring it, by package manager; a manager without one is left out.

    Attributes:
        note: what to know where the manager is not apt.
        otherwise: another way to get it, whatever the manager.
        pip: the requirement that brings it where it is a Python package; it then needs no package manager.
    """

    name: str
    needed_for: str
    packages: Mapping[str, str]
    note: str = ""
    otherwise: str = ""
    version_flag: str = "--version"
    pip: str = ""


@dataclass(frozen=True)
class ToolStatus:
    """What ``check_tools`` found.

    Attributes:
        path: absolute path, or None when the tool is missing.
        version: as the tool itself prints it, or None.
        install: the command that installs it on this operating system.
    """

    name: str
    needed_for: str
    path: str | None
    version: str | None
    install: str

    @property
    def found(self) -> bool:
        return self.path is not None


MAKE = Tool("make", "building firmware", {"apt": "make", "dnf": "make", "pacman": "make", "brew": "make"})
HOST_CC = Tool("cc", "board native", {"apt": "gcc libc6-dev", "dnf": "gcc", "pacman": "gcc", "brew": "gcc"})
CLANG = Tool(
    "clang",
    "a second opinion on the generated C (tests only)",
    {"apt": "clang", "dnf": "clang", "pacman": "clang", "brew": "llvm"},
)
ARM_GCC = Tool(
    "arm-none-eabi-gcc",
    "Arm Cortex-M boards",
    {
        "apt": "gcc-arm-none-eabi libnewlib-arm-none-eabi",
        "dnf": "arm-none-eabi-gcc-cs arm-none-eabi-newlib",
        "pacman": "arm-none-eabi-gcc arm-none-eabi-newlib",
        "brew": "--cask gcc-arm-embedded",
    },
)
RISCV_GCC = Tool(
    "riscv64-unknown-elf-gcc",
    "RISC-V boards",
    {
        "apt": "gcc-riscv64-unknown-elf",
        "pacman": "riscv64-elf-gcc",
        "brew": "riscv-software-src/riscv/riscv-gnu-toolchain",
    },
    note="its compiler may be named riscv64-elf-gcc there: set toolchain.prefix in a copy of the board file",
)
PICOLIBC = Tool(
    "picolibc",
    "RISC-V boards (their C library)",
    {"apt": "picolibc-riscv64-unknown-elf", "brew": "picolibc"},
)
AARCH64_LINUX_GCC = Tool(
    "aarch64-linux-gnu-gcc",
    "Raspberry Pi 3 to 5",
    {
        "apt": "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
        "dnf": "gcc-aarch64-linux-gnu",
        "pacman": "aarch64-linux-gnu-gcc",
    },
)
ARM_LINUX_GCC = Tool(
    "arm-linux-gnueabi-gcc",
    "Raspberry Pi Zero",
    {"apt": "gcc-arm-linux-gnueabi libc6-dev-armel-cross", "dnf": "gcc-arm-linux-gnu"},
)
CMAKE = Tool(
    "cmake", "Raspberry Pi and Pico boards", {"apt": "cmake", "dnf": "cmake", "pacman": "cmake", "brew": "cmake"}
)
SSH = Tool(
    "ssh",
    "flashing Linux boards",
    {"apt": "openssh-client", "dnf": "openssh-clients", "pacman": "openssh", "brew": "openssh"},
    version_flag="-V",
)
QEMU_USER_AARCH64 = Tool(
    "qemu-aarch64-static",
    "boards qemu-rpi3 to qemu-rpi5",
    {"apt": "qemu-user-static", "dnf": "qemu-user-static", "pacman": "qemu-user-static"},
)
QEMU_USER_ARM = Tool(
    "qemu-arm-static",
    "board qemu-rpi-zero",
    {"apt": "qemu-user-static", "dnf": "qemu-user-static", "pacman": "qemu-user-static"},
)
QEMU_ARM = Tool(
    "qemu-system-arm",
    "boards qemu-mps2-*, qemu-mps3-*, qemu-microbit",
    {"apt": "qemu-system-arm", "dnf": "qemu-system-arm", "pacman": "qemu-system-arm", "brew": "qemu"},
)
QEMU_RISCV32 = Tool(
    "qemu-system-riscv32",
    "board qemu-riscv32",
    {"apt": "qemu-system-misc", "dnf": "qemu-system-riscv", "pacman": "qemu-system-riscv", "brew": "qemu"},
)
ZIG = Tool("zig", "builder zig, which takes the place of a missing compiler", {}, pip="ziglang>=0.13")
PLATFORMIO = Tool("platformio", "builder platformio", {}, pip="platformio>=6.1 scons")
PYOCD = Tool("pyocd", "flasher pyocd", {}, pip="pyocd>=0.36")
OPENOCD = Tool("openocd", "flasher openocd", {name: "openocd" for name in ("apt", "dnf", "pacman", "brew")})
DFU_UTIL = Tool("dfu-util", "flasher dfu", {name: "dfu-util" for name in ("apt", "dnf", "pacman", "brew")})
STM32CUBE = Tool(
    "STM32_Programmer_CLI",
    "flasher stm32cube",
    {},
    otherwise="install STM32CubeProgrammer from https://www.st.com/en/development-tools/stm32cubeprog.html, and put "
    "its folder bin on PATH",
)
GDB = Tool("gdb-multiarch", "flasher gdb", {"apt": "gdb-multiarch", "dnf": "gdb", "pacman": "gdb", "brew": "gdb"})
XTENSA_GCC = Tool(
    "xtensa-lx106-elf-gcc",
    "board qemu-lx106",
    {"apt": "gcc-xtensa-lx106 picolibc-xtensa-lx106-elf"},
)
QEMU_XTENSA = Tool(
    "qemu-system-xtensa",
    "board qemu-lx106",
    {"apt": "qemu-system-misc", "dnf": "qemu-system-xtensa", "pacman": "qemu-system-xtensa", "brew": "qemu"},
)
PICO_SDK = Tool(
    "pico-sdk",
    "boards pico, pico2, rp2040js-pico",
    {"apt": "pico-sdk-source"},
    otherwise="(Debian 13, Ubuntu 25.04 or newer), or set PICO_SDK_PATH to a checkout of "
    "https://github.com/raspberrypi/pico-sdk",
)
NODE = Tool(
    "node", "board rp2040js-pico", {"apt": "nodejs npm", "dnf": "nodejs", "pacman": "nodejs npm", "brew": "node"}
)
RENODE = Tool(
    "renode",
    "boards renode-*",
    {},
    otherwise="install Renode 1.15.2 or later from https://github.com/renode/renode/releases, and put it on PATH",
)
PICOTOOL = Tool(
    "picotool",
    "flashing boards pico and pico2 without their drive (optional)",
    {"apt": "picotool", "dnf": "picotool", "brew": "picotool"},
    version_flag="version",
)
ESPTOOL = Tool("esptool", "flashing Espressif boards", {}, pip="esptool>=5.6")
ESP_IDF = Tool(
    "idf.py",
    "boards esp32, esp32s3, esp32c3, esp32c6 (builder esp-idf)",
    {},
    otherwise="install ESP-IDF 5.1 or later, https://docs.espressif.com/projects/esp-idf/en/latest/esp32/get-started/, "
    "and run `. $IDF_PATH/export.sh` in this shell",
)
NINJA = Tool(
    "ninja",
    "builder esp-idf, whose tools bring one",
    {"apt": "ninja-build", "dnf": "ninja-build", "pacman": "ninja", "brew": "ninja"},
)
QEMU_ESP_XTENSA = Tool(
    "qemu-system-xtensa (Espressif)",
    "boards qemu-esp32, qemu-esp32s3",
    {},
    otherwise=install_words("qemu-system-xtensa"),
)
QEMU_ESP_RISCV = Tool(
    "qemu-system-riscv32 (Espressif)", "board qemu-esp32c3", {}, otherwise=install_words("qemu-system-riscv32")
)
_ESP_MACHINES = {QEMU_ESP_XTENSA.name: "esp32", QEMU_ESP_RISCV.name: "esp32c3"}
CORALMICRO = Tool(
    "coralmicro",
    "board coral-micro",
    {},
    otherwise=f"git clone --recurse-submodules {coralmicro.URL} (2.5 GB), and set {coralmicro.VARIABLE} to that folder",
)
UHUBCTL = Tool("uhubctl", "power switch uhubctl of a bench", {"apt": "uhubctl", "dnf": "uhubctl", "brew": "uhubctl"})
TOOLS = (
    MAKE,
    HOST_CC,
    CLANG,
    ARM_GCC,
    RISCV_GCC,
    PICOLIBC,
    ZIG,
    PLATFORMIO,
    QEMU_ARM,
    QEMU_RISCV32,
    CMAKE,
    AARCH64_LINUX_GCC,
    ARM_LINUX_GCC,
    QEMU_USER_AARCH64,
    QEMU_USER_ARM,
    SSH,
    PICO_SDK,
    NODE,
    PICOTOOL,
    XTENSA_GCC,
    QEMU_XTENSA,
    GDB,
    OPENOCD,
    DFU_UTIL,
    STM32CUBE,
    PYOCD,
    RENODE,
    ESPTOOL,
    ESP_IDF,
    NINJA,
    QEMU_ESP_XTENSA,
    QEMU_ESP_RISCV,
    CORALMICRO,
    UHUBCTL,
)
PICO_SDK_FOLDERS = (Path("/usr/src/pico-sdk"), Path("/usr/share/pico-sdk"))
"""Where Debian's pico-sdk-source is, and where it was."""

STM32CUBE_FOLDERS = (
    Path.home() / "STMicroelectronics" / "STM32Cube" / "STM32CubeProgrammer" / "bin",
    Path("/usr/local/STMicroelectronics/STM32Cube/STM32CubeProgrammer/bin"),
    Path(
        "/Applications/STMicroelectronics/STM32Cube/STM32CubeProgrammer/STM32CubeProgrammer.app/Contents/Resources/bin"
    ),
)
"""Where STM32CubeProgrammer's installer puts it, which does not change PATH (UM2237, "Installing")."""


def check_tools() -> list[ToolStatus]:
    """Every tool with its path and version, or the command that installs it."""
    result = []
    for tool in TOOLS:
        path = find_tool(tool.name)
        version = _version_of(tool, path) if path else None
        result.append(ToolStatus(tool.name, tool.needed_for, path, version, install_command(tool)))
    return result


def apt_packages(board: Board) -> list[str]:
    """Debian's packages that building for a board and emulating it take, sorted."""
    names = ["cmake" if board.builder.kind == "linux" else "make"]
    names.append("cc" if board.is_native else f"{board.toolchain.prefix}gcc")
    if any("picolibc" in flag for flag in board.toolchain.cflags):
        names.append(PICOLIBC.name)
    if board.emulator is not None and board.emulator.kind in ("qemu", "qemu-user"):
        names.append(board.emulator.command[0])
    packages = {package for tool in TOOLS if tool.name in names for package in tool.packages["apt"].split()}
    return sorted(packages)


def require_tool(name: str) -> str:
    """Absolute path of a program.

    Raises:
        ToolMissing: it is not installed; the hint is the command that installs it.
    """
    path = find_tool(name)
    if path is None:
        raise tool_missing(name)
    return path


def tool_missing(name: str) -> ToolMissing:
    """The error that says which program is missing, what for, and how to install it."""
    tool = next((t for t in TOOLS if t.name == name), None)
    if tool is None:
        return ToolMissing(f"{name} not found", why="it is not on PATH", hint="install it, or put its folder on PATH")
    return ToolMissing(
        f"{name} not found", why=f"needed for {tool.needed_for}; it is not on PATH", hint=install_command(tool)
    )


def find_tool(name: str) -> str | None:
    """Where a tool is, or None. "cc" is $CC where that is set; picolibc is its specs file."""
    if name == PICOLIBC.name:
        return _picolibc_specs(find_tool(RISCV_GCC.name))
    if name == PICO_SDK.name:
        sdk = pico_sdk_path()
        return None if sdk is None else str(sdk)
    if name == ZIG.name:
        return _packaged_zig() or shutil.which(name)
    if name == PLATFORMIO.name:
        return _platformio()
    if name == PYOCD.name:
        return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if name == STM32CUBE.name:
        places = [str(folder) for folder in STM32CUBE_FOLDERS]
        return shutil.which(name) or shutil.which(name, path=os.pathsep.join(places))
    if name == GDB.name:
        # Others than Debian and Ubuntu build gdb for all targets, or one for each.
        return next((path for gdb in (name, "arm-none-eabi-gdb", "gdb") if (path := shutil.which(gdb))), None)
    if name == ESPTOOL.name:
        package = importlib.util.find_spec("esptool")  # used as a library
        return None if package is None else package.origin
    if name in _ESP_MACHINES:
        return find_with_machine(name.split()[0], _ESP_MACHINES[name])
    if name == CORALMICRO.name:
        try:
            return str(coralmicro.coralmicro_path())
        except ToolMissing:
            return None
    if name == HOST_CC.name:
        name = host_cc()[0]
    return shutil.which(name)


def pico_sdk_path() -> Path | None:
    """The Raspberry Pi Pico SDK's folder: $PICO_SDK_PATH, which is final, else Debian's. None: not there."""
    given = os.environ.get("PICO_SDK_PATH")
    folders = (Path(given),) if given else PICO_SDK_FOLDERS
    return next((folder.resolve() for folder in folders if (folder / "pico_sdk_init.cmake").is_file()), None)


def pico_sdk_version(sdk: Path) -> str:
    """As "2.1.1"; "unknown" for a checkout that does not say."""
    try:
        text = (sdk / "pico_sdk_version.cmake").read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    fields = ("MAJOR", "MINOR", "REVISION")
    parts = [re.search(rf"^set\(PICO_SDK_VERSION_{field} (\w+)\)", text, re.MULTILINE) for field in fields]
    return ".".join(part.group(1) for part in parts if part) or "unknown"


def host_cc() -> list[str]:
    """The host's C compiler as a command: $CC, which may carry arguments, else cc."""
    return shlex.split(os.environ.get("CC", "")) or ["cc"]


def zig_version(path: str) -> str | None:
    """The version of the zig in ``path``, or None when it does not run."""
    return program_version([path], "version")


def program_version(command: list[str], flag: str = "--version") -> str | None:
    """First line with a word in it of ``command --version``, or None when it does not run."""
    try:
        run = subprocess.run(
            [*command, flag], capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = (run.stdout + run.stderr).strip()
    lines = [line.strip() for line in said.splitlines() if re.search(r"\w", line)]  # some draw a box around it
    return lines[0] if run.returncode == 0 and lines else None


def install_command(tool: Tool) -> str:
    """The command that installs a tool on this operating system, or words where there is none."""
    if not tool.packages and not tool.pip:
        return tool.otherwise
    command = _install_command(tool)
    return f"{command} {tool.otherwise}" if tool.otherwise else command


def _install_command(tool: Tool) -> str:
    if tool.pip:
        return f"{shlex.quote(sys.executable)} -m pip install {shlex.join(tool.pip.split())}"
    manager = package_manager()
    if manager is None:
        return f"install {tool.name} with this system's package manager (on Debian: {tool.packages['apt']})"
    package = tool.packages.get(manager)
    if package is None:
        return f"{manager} has no package of {tool.name}; on Debian or Ubuntu it is {tool.packages['apt']}"
    command = f"{PACKAGE_MANAGERS[manager]} {package}"
    return f"{command}  ({tool.note})" if tool.note and manager != "apt" else command


@lru_cache(maxsize=1)
def package_manager() -> str | None:
    """ "apt", "dnf", "pacman" or "brew", whichever this operating system installs with."""
    if sys.platform == "darwin":
        return "brew"
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError:
            continue
        return package_manager_of(text)
    return None


def package_manager_of(os_release: str) -> str | None:
    """The package manager of a system with that os-release(5) text."""
    fields = {}
    for line in os_release.splitlines():
        key, separator, value = line.partition("=")
        if separator:
            fields[key.strip()] = value.strip().strip("\"'")
    for family in [fields.get("ID", ""), *fields.get("ID_LIKE", "").split()]:
        if family in _OS_FAMILIES:
            return _OS_FAMILIES[family]
    return None


def _packaged_zig() -> str | None:
    """zig as the package ziglang of this Python brings it."""
    package = importlib.util.find_spec("ziglang")
    folders = [] if package is None else list(package.submodule_search_locations or [])
    return next((path for folder in folders if (path := shutil.which("zig", path=folder))), None)


def _platformio() -> str | None:
    """PlatformIO's command: of this Python's environment, on PATH, or where its own installer and editors put it."""
    places = [str(Path(sys.executable).parent), None, str(Path.home() / ".platformio" / "penv" / "bin")]
    return next((path for place in places if (path := shutil.which("pio", path=place))), None)


def _version_of(tool: Tool, path: str) -> str | None:
    if tool is PICOLIBC:
        header = _picolibc_header(Path(path))
        found = re.search(r'#define\s+__PICOLIBC_VERSION__\s+"([^"]+)"', header)
        return found.group(1) if found else None
    if tool is PICO_SDK:
        return pico_sdk_version(Path(path))
    if tool is ZIG:
        return zig_version(path)
    if tool is ESPTOOL:
        return importlib.metadata.version("esptool")
    if tool is CORALMICRO:
        return coralmicro.coralmicro_version(Path(path))
    if tool is HOST_CC:
        return program_version([path, *host_cc()[1:]])
    return program_version([path], tool.version_flag)


def _picolibc_specs(gcc: str | None) -> str | None:
    """picolibc.specs as the compiler would find it, else where the distributions put it."""
    candidates = [Path("/usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs")]
    if gcc is not None:
        run = subprocess.run(
            [gcc, "-print-file-name=picolibc.specs"], capture_output=True, text=True, timeout=20, check=False
        )
        candidates.insert(0, Path(run.stdout.strip()))
    # gcc echoes the bare name when it does not find the file.
    return next((str(path) for path in candidates if path.is_absolute() and path.is_file()), None)


def _picolibc_header(specs: Path) -> str:
    for base in (specs.parent, Path("/usr/lib/picolibc/riscv64-unknown-elf")):
        header = base / "include" / "picolibc.h"
        if header.is_file():
            return header.read_text(encoding="utf-8", errors="replace")
    return ""
