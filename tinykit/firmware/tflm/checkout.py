"""The user's TFLite-Micro: where it is, whether it is whole, and which folders its headers are in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tinykit.errors import ToolMissing

VARIABLE = "TINYKIT_TFLM_PATH"
URL = "https://github.com/tensorflow/tflite-micro"
MICRO = "tensorflow/lite/micro"

_MAKEFILE = f"{MICRO}/tools/make/Makefile"
_DOWNLOADS = f"{MICRO}/tools/make/downloads"
_TREE_SCRIPT = f"{MICRO}/tools/project_generation/create_tflm_tree.py"

# What TFLite-Micro includes of others: the folder of each, and a header that shows that it is there.
_THIRD_PARTY = {
    "flatbuffers/include": "flatbuffers/flatbuffers.h",
    "gemmlowp": "fixedpoint/fixedpoint.h",
    "ruy": "ruy/profiler/instrumentation.h",
}


@dataclass(frozen=True)
class Checkout:
    """A folder with TFLite-Micro in it.

    Attributes:
        third_party: where the folders of flatbuffers, gemmlowp and ruy are: a checkout keeps them elsewhere than a
            tree of create_tflm_tree.py.
    """

    root: Path
    third_party: Path

    @property
    def folders(self) -> dict[str, Path]:
        """Folders that are searched for headers, by their name in a project."""
        return {".": self.root, **{f"third_party/{name}": self.third_party / name for name in _THIRD_PARTY}}


def find_checkout(given: Path | None) -> Checkout:
    """The folder the user gave, else that of $TINYKIT_TFLM_PATH.

    Raises:
        ToolMissing: there is none, or something in it is missing; says how to get it.
    """
    text = os.environ.get(VARIABLE, "")
    root = given or (Path(text) if text else None)
    if root is None:
        raise ToolMissing(
            "TFLite-Micro not found",
            why=f"engine tflm builds it from its sources; neither --tflm-path nor {VARIABLE} is set",
            hint=f"git clone {URL}, make -C tflite-micro -f {_MAKEFILE} third_party_downloads, "
            "and give --tflm-path tflite-micro",
        )
    root = root.resolve()
    if not (root / MICRO / "micro_interpreter.h").is_file():
        raise ToolMissing(
            "no TFLite-Micro in this folder",
            where=str(root),
            why=f"it has no {MICRO}/micro_interpreter.h",
            hint=f"give a checkout of {URL}, or what its {_TREE_SCRIPT} makes",
        )
    places = (root / "third_party", root / _DOWNLOADS)
    third_party = next((place for place in places if _is_whole(place)), None)
    if third_party is None:
        headers = ", ".join(f"{name}/{header}" for name, header in _THIRD_PARTY.items())
        raise ToolMissing(
            "TFLite-Micro lacks the libraries it includes",
            where=str(root),
            why=f"neither third_party nor {_DOWNLOADS} has all of {headers}",
            hint=f"make -C {root} -f {_MAKEFILE} third_party_downloads",
        )
    return Checkout(root, third_party)


def _is_whole(place: Path) -> bool:
    return all((place / name / header).is_file() for name, header in _THIRD_PARTY.items())
