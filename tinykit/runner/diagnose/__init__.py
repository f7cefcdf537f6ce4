"""What is in the way of a model on this board, above all of an Edge TPU. It looks and changes nothing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from tinykit.runner.diagnose.finding import Finding
from tinykit.runner.diagnose.pcie import pcie_findings
from tinykit.runner.diagnose.software import software_findings
from tinykit.runner.diagnose.throttling import throttling_findings
from tinykit.runner.diagnose.usb import usb_findings

__all__ = ["Finding", "diagnose"]


def diagnose(root: Path, base: Path) -> dict[str, object]:
    """All findings, as JSON.

    Args:
        root: of the file system; another one than "/" is a made tree, which the result says.
        base: where deployments are.
    """
    findings = [
        *software_findings(root, base / "venvs"),
        *usb_findings(root),
        *pcie_findings(root),
        *throttling_findings(root),
    ]
    return {"root": str(root), "made": root != Path("/"), "findings": [asdict(finding) for finding in findings]}
