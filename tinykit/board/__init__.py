"""Boards as typed values, and the tools they need."""

from __future__ import annotations

from tinykit.board.loader import boards_on_usb, list_boards, load_board
from tinykit.board.model import Board, Counter, Memory
from tinykit.board.tools import ToolStatus, check_tools, require_tool

__all__ = [
    "Board",
    "Counter",
    "Memory",
    "ToolStatus",
    "boards_on_usb",
    "check_tools",
    "list_boards",
    "load_board",
    "require_tool",
]
