"""A PlatformIO platform that needs nothing from PlatformIO's registry.

PlatformIO itself builds with SCons, which it would download as the package "tool-scons". Where SCons is installed as a
Python package (pip install scons), or an earlier PlatformIO project has downloaded it, this platform makes that package
from it, in the project's own folder.
"""

import importlib.util
import json
from pathlib import Path

from platformio.dependencies import get_core_dependencies
from platformio.package.manager.core import get_core_package_dir
from platformio.project.config import ProjectConfig
from platformio.public import PlatformBase


class TinykitPlatform(PlatformBase):
    def is_embedded(self):
        return True  # by default that is guessed from a package with an uploader, which is not here

    def configure_default_packages(self, options, targets):
        # PlatformIO asks what packages the project needs right before it looks for its own.
        provide_scons()
        return super().configure_default_packages(options, targets)


def provide_scons():
    """Make tool-scons from the SCons that is here; without one PlatformIO goes on and downloads it."""
    if get_core_package_dir("tool-scons", auto_install=False) is not None:
        return
    source = find_scons()
    if source is None:
        return
    folder = Path(ProjectConfig.get_instance().get("platformio", "packages_dir")) / "tool-scons"
    folder.mkdir(parents=True, exist_ok=True)
    # The lowest version that this PlatformIO takes; what SCons it really is does not matter to it.
    version = get_core_dependencies()["tool-scons"].lstrip("~^>= ")
    package = {"name": "tool-scons", "version": version, "description": "SCons of this computer", "system": "*"}
    spec = {"owner": "platformio", "id": None, "name": "tool-scons", "requirements": None, "uri": None}
    metadata = {"type": "tool", "name": "tool-scons", "version": version, "spec": spec}
    (folder / "scons.py").write_text(
        f"import sys\nsys.path.insert(0, {str(source)!r})\nfrom SCons.Script import main\nmain()\n", encoding="utf-8"
    )
    (folder / "package.json").write_text(json.dumps(package), encoding="utf-8")
    # Last: with it the package exists.
    (folder / ".piopm").write_text(json.dumps(metadata), encoding="utf-8")


def find_scons():
    """The folder that holds the Python package SCons, or None."""
    found = importlib.util.find_spec("SCons")
    if found is not None and found.origin is not None:
        return Path(found.origin).parent.parent
    downloaded = Path.home() / ".platformio" / "packages" / "tool-scons"
    return next((path.parent for path in sorted(downloaded.glob("scons-local-*/SCons"))), None)
