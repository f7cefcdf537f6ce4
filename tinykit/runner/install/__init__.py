"""The board's side of a deployment: releases in folders, one in service. It runs with the system's Python."""

from __future__ import annotations
