"""What the search costs in energy and carbon dioxide, estimated by codecarbon without the network."""

from __future__ import annotations

import contextlib
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinykit.convert.extras import require
from tinykit.convert.quiet import quiet
from tinykit.errors import InputError

_SECONDS = 5
"""Between two looks at the computer's load."""


class Meter:
    """Energy of this computer while trials run.

    Args:
        country: three letters (ISO 3166-1 alpha-3), which say how dirty its electricity is; None measures nothing.

    Raises:
        InputError: there is no such country, or codecarbon knows nothing of its electricity.
        ToolMissing: codecarbon is not installed.
    """

    def __init__(self, country: str | None) -> None:
        self._tracker: Any = None
        self.country = country
        if country is None:
            return
        codecarbon: Any = require("codecarbon", "carbon", "estimates of carbon dioxide")
        known = _countries()
        if country not in known:
            raise InputError(
                f"--carbon {country!r} is no country that codecarbon knows",
                hint="give its three letters of ISO 3166-1, as --carbon CHE for Switzerland",
            )
        with quiet():
            self._tracker = codecarbon.OfflineEmissionsTracker(
                country_iso_code=country,
                measure_power_secs=_SECONDS,
                output_methods=[],
                log_level="critical",
                allow_multiple_runs=True,
            )

    @contextlib.contextmanager
    def trial(self) -> Iterator[dict[str, Any]]:
        """Measure a trial. The dictionary is filled at its end; it stays empty without a country."""
        found: dict[str, Any] = {}
        if self._tracker is None:
            yield found
            return
        self._tracker.start_task()
        try:
            yield found
        finally:
            data = self._tracker.stop_task()
            found.update(country=self.country, kg_co2eq=float(data.emissions), kwh=float(data.energy_consumed))

    def close(self) -> None:
        """End codecarbon's threads."""
        if self._tracker is not None:
            with quiet():
                self._tracker.stop()


def _countries() -> set[str]:
    """Countries whose mix of electricity codecarbon has."""
    module: Any = importlib.import_module("codecarbon")
    folder = Path(module.__file__).parent / "data" / "private_infra"
    try:
        return set(json.loads((folder / "global_energy_mix.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return set()
