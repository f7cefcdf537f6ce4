"""The size of a model and its kernels without a firmware around them: what a user links into a program."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from elftools.elf.elffile import ELFFile

from tinykit.compiler.names import c_identifier
from tinykit.firmware import Image

_ALLOC = 2
_INFO = "model_info"
_SCRIPT = """SECTIONS {
  .text : { *(.text .text.* .rodata .rodata.* .srodata .srodata.* .data .data.* .sdata .sdata.*) }
  .bss : { *(.bss .bss.* .sbss .sbss.* COMMON) }
  /DISCARD/ : { *(.ARM.exidx* .ARM.extab* .eh_frame* .comment .note*) }
}
"""
"""Without the memories of a chip, of which a C library's own script may know one that is too small."""


def size_alone(image: Image) -> int | None:
    """Bytes of flash of what the model's functions reach, the compiler's own routines included.

    The object files of a build are linked once more with the model's functions as the only entries, so that nothing
    else stays. Functions of the C library (memcpy, memset) are the program's own.

    Returns:
        None where another builder than gcc, or a compiler that does not link so, leaves nothing to ask.
    """
    project = image.project
    if project.builder != "gcc" or image.board.is_hosted:
        return None
    folder = project.root / "build"
    objects = sorted(
        str(path)
        for part in ("model", "kernels")
        for path in (folder / part).glob("*.o")
        if not path.name.startswith(_INFO)
    )
    if not objects:
        return None
    name = c_identifier(project.manifest["model"]["name"])
    entries = [f"-Wl,-u,{name}_{what}" for what in ("init", "run", "input", "output")]
    with tempfile.TemporaryDirectory(prefix="tinykit-alone-") as temporary:
        program, script = Path(temporary) / "alone.elf", Path(temporary) / "alone.ld"
        script.write_text(_SCRIPT)
        command = [
            *str(project.manifest["compiler"]["command"]).split(),
            *project.manifest["flags"]["target"],
            "-nostdlib",
            f"-T{script}",
            "-Wl,--gc-sections",
            "-Wl,--unresolved-symbols=ignore-all",
            f"-Wl,-e,{name}_run",
            *entries,
            *objects,
            "-lgcc",
            "-o",
            str(program),
        ]
        if subprocess.run(command, capture_output=True).returncode != 0:
            return None
        with program.open("rb") as file:
            return sum(
                int(section["sh_size"])
                for section in ELFFile(file).iter_sections()
                if section["sh_flags"] & _ALLOC and section["sh_type"] == "SHT_PROGBITS"
            )
