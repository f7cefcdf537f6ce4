"""What runs a model on a Linux board and answers over the link. It runs there without the rest of tinykit.

The board gets this room, ``tinykit.link`` and ``tinykit.errors`` as one file (``tinykit.deploy.bundle``). So it imports
the standard library and these alone; engines import what they need when they are opened.
"""

from __future__ import annotations
