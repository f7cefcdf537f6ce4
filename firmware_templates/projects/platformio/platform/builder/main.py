"""Builds with the gcc that the board names, from PATH. All other flags are the project's.

Uploads with what platformio.ini says: upload_protocol = custom, and an upload_command that may name $SOURCE and
$UPLOAD_PORT.
"""

from SCons.Script import COMMAND_LINE_TARGETS, AlwaysBuild, Default, DefaultEnvironment

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

# "nobuild": what was built before is taken as it is.
built = env.File("$BUILD_DIR/${PROGNAME}${PROGSUFFIX}")
firmware = built if "nobuild" in COMMAND_LINE_TARGETS else env.BuildProgram()
AlwaysBuild(env.Alias("nobuild", firmware))
if env.get("UPLOADCMD"):
    AlwaysBuild(
        env.AddPlatformTarget(
            "upload", firmware, env.VerboseAction("$UPLOADCMD", "Uploading $SOURCE"), "Upload", "Run upload_command"
        )
    )
AlwaysBuild(
    env.AddPlatformTarget(
        "size", firmware, env.VerboseAction("$SIZEPRINTCMD", "What $SOURCE takes"), "Show what the firmware takes"
    )
)
Default(firmware)
