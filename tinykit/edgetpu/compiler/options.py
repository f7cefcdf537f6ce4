"""What ``edgetpu_compiler`` can be told, as its documentation lists it."""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.errors import InputError


@dataclass(frozen=True)
class CompilerOptions:
    """Its flags; None leaves one to the compiler.

    Attributes:
        show_operations: it prints the operation log, too. (It writes it in any case.)
        min_runtime: the oldest runtime that the result has to work with.
        segments: for a pipeline of as many Edge TPUs.
        intermediate_tensors: names of those that the part for the Edge TPU ends at.
        search_delegate: it tries again with fewer operators, ``search_step`` at a time, until it succeeds.
        timeout: seconds that it gives itself for one compilation (180).
        multiple_subgraphs: operators that the Edge TPU runs may come after ones that it does not.
    """

    show_operations: bool = False
    min_runtime: int | None = None
    segments: int | None = None
    intermediate_tensors: tuple[str, ...] = ()
    search_delegate: bool = False
    search_step: int | None = None
    timeout: int | None = None
    multiple_subgraphs: bool = False

    def check(self) -> None:
        """Refuse what makes no sense together.

        Raises:
            InputError: says which options.
        """
        if self.search_step is not None and not self.search_delegate:
            raise InputError("--delegate-search-step needs --search-delegate", hint="give both or neither")
        if any(not name or "," in name for name in self.intermediate_tensors):
            raise InputError(
                "--intermediate-tensors has a name that is empty or has a comma in it",
                why="edgetpu_compiler splits its list of names at commas",
                hint="name other tensors; `tinykit inspect --json` lists them",
            )

    def arguments(self) -> list[str]:
        """As the compiler takes them."""
        flags = [
            flag
            for flag, wanted in (
                ("-s", self.show_operations), ("-d", self.search_delegate), ("-a", self.multiple_subgraphs),
            )
            if wanted
        ]  # fmt: skip
        names = ",".join(self.intermediate_tensors) or None
        for flag, value in (
            ("-m", self.min_runtime), ("-n", self.segments), ("-i", names), ("-k", self.search_step),
            ("-t", self.timeout),
        ):  # fmt: skip
            if value is not None:
                flags += [flag, str(value)]
        return flags
