"""Builds with the gcc that the board names, from PATH. All other flags are the project's."""

from SCons.Script import AlwaysBuild, Default, DefaultEnvironment

env = DefaultEnvironment()
prefix = env.BoardConfig().get("build.toolchain_prefix")

if env.get("PROGNAME", "program") == "program":
    env.Replace(PROGNAME="firmware")
env.Replace(
    CC=f"{prefix}gcc",
    CXX=f"{prefix}g++",
    AS=f"{prefix}gcc",
    AR=f"{prefix}gcc-ar",
    RANLIB=f"{prefix}gcc-ranlib",
    OBJCOPY=f"{prefix}objcopy",
    SIZETOOL=f"{prefix}size",
    PROGSUFFIX=".elf",
    SIZEPRINTCMD="$SIZETOOL -A -d $SOURCES",
)

firmware = env.BuildProgram()
AlwaysBuild(
    env.AddPlatformTarget(
        "size", firmware, env.VerboseAction("$SIZEPRINTCMD", "What $SOURCE takes"), "Show what the firmware takes"
    )
)
Default(firmware)
