"""Many compiled models in one program: a case more costs milliseconds, where a program of its own costs a third of a
second. Each model keeps its own name, arena and state; that the program ends in one of them costs only that one.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from support.machines import Machine
from support.native import NativeError, compile_c, flags_of, kernel_objects, packed, unpacked
from tinykit.compiler import CompiledModel
from tinykit.compiler.emit import render_model

_SECONDS_PER_CASE = 20
# of definitions at file level
_STATIC = re.compile(r"^static [^=;({]*?(\w+)\s*(?:[\[=;(])", re.MULTILINE)
_MACRO = re.compile(r"^#define (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Job:
    """A compiled model, whose name no other of the batch has, and its inputs with a leading axis of ``runs``."""

    compiled: CompiledModel
    inputs: Sequence[np.ndarray]
    runs: int


Tree = Mapping[str, bytes]
Answer = list[np.ndarray] | NativeError


def run_batch(jobs: Sequence[Job], machine: Machine | None = None) -> list[Answer]:
    """Build and run all: the outputs of each with a leading axis of runs, or why there are none.

    Models with state do all runs twice, with a reset between: what they give then has to be the same again. On this
    computer under the address and the undefined-behaviour sanitizer, unless ``machine`` is another.
    """
    trees = [_rendered(job) for job in jobs]
    good = [(job, tree) for job, tree in zip(jobs, trees, strict=True) if not isinstance(tree, NativeError)]
    answers = iter(_build_and_run([job for job, _ in good], [tree for _, tree in good], machine))
    return [tree if isinstance(tree, NativeError) else next(answers) for tree in trees]


def _rendered(job: Job) -> Tree | NativeError:
    """A model that cannot be written is a finding of that model, too."""
    try:
        return render_model(job.compiled, stem=job.compiled.name)
    except Exception:
        return NativeError(traceback.format_exc(limit=-4))


def _build_and_run(jobs: Sequence[Job], trees: Sequence[Tree], machine: Machine | None) -> list[Answer]:
    if not jobs:
        return []
    with tempfile.TemporaryDirectory(prefix="tinykit-batch-") as folder:
        program = Path(folder) / "program"
        try:
            _build(jobs, trees, program, machine)
        except NativeError as error:
            if len(jobs) == 1:
                return [error]
            middle = len(jobs) // 2
            halves = slice(middle), slice(middle, None)
            return [answer for half in halves for answer in _build_and_run(jobs[half], trees[half], machine)]
        state = [_has_state(job, tree) for job, tree in zip(jobs, trees, strict=True)]
        return _run(jobs, state, [*(machine.emulator if machine else ()), str(program)])


def _build(jobs: Sequence[Job], trees: Sequence[Tree], program: Path, machine: Machine | None) -> None:
    folder = program.parent
    cc = machine.cc if machine else ("gcc",)
    kernels: dict[str, Path] = {}
    models = []
    for job, tree in zip(jobs, trees, strict=True):
        own = job.compiled.name
        for name, content in tree.items():
            path = folder / name
            if name == f"{own}.c":
                models.append(_unit(own, content.decode()))
            if not path.exists():
                path.write_bytes(content)
            if not name.startswith(f"{own}."):
                kernels[name] = path
    (folder / "driver.c").write_text(_driver(jobs, trees, models))
    # What there is of code in the models are calls: the time that -O2 takes would be for nothing. (At -O0 clang takes
    # sanitizers that zig has no library for.)
    compile_c(
        [
            *cc,
            *flags_of("-O1" if machine else "-O0", not machine),
            "-D_ISOC11_SOURCE",
            "-I.",
            "-c",
            "driver.c",
            "-o",
            "d.o",
        ],
        folder,
    )
    flags = flags_of("-O2", not machine)
    objects = kernel_objects(cc, flags, kernels.values(), folder)
    link = machine.link_arguments if machine else ()
    compile_c([*cc, *flags, "d.o", *objects, *link, "-lm", "-o", str(program)], folder)


def _unit(own: str, text: str) -> str:
    """Includes a model, as one of many in the same file: what is static gets a name of its own."""
    macros = sorted(set(_MACRO.findall(text)))
    statics = sorted(set(_STATIC.findall(text)))
    return "\n".join(
        [
            *(f"#define {name} {own}_{name}" for name in statics),
            f'#include "{own}.c"',
            *(f"#undef {name}" for name in (*statics, *macros)),
        ]
    )


def _driver(jobs: Sequence[Job], trees: Sequence[Tree], models: Sequence[str]) -> str:
    return "\n".join(
        [
            "#include <stdio.h>",
            "#include <stdlib.h>",
            *models,
            *(_case(job, _has_state(job, tree)) for job, tree in zip(jobs, trees, strict=True)),
            f"static int (*const cases[{len(jobs)}])(void) = {{",
            *(f"    run_{job.compiled.name}," for job in jobs),
            "};",
            _MAIN.format(count=len(jobs)),
        ]
    )


_MAIN = """\
int main(int argc, char **argv)
{{
    for (int i = argc > 1 ? atoi(argv[1]) : 0; i < {count}; i++) {{
        const int failed = cases[i]();
        if (failed) return failed;
        fflush(stdout);
    }}
    return 0;
}}
"""


def _has_state(job: Job, tree: Tree) -> bool:
    return f" {job.compiled.name}_reset(".encode() in tree[f"{job.compiled.name}.h"]


def _case(job: Job, state: bool) -> str:
    name, graph = job.compiled.name, job.compiled.graph

    def ports(ids: Sequence[int]) -> list[tuple[str, int]]:
        return [(str(n) if len(ids) > 1 else "", graph.tensor(i).nbytes) for n, i in enumerate(ids)]

    ins, outs = ports(graph.inputs), ports(graph.outputs)
    nulls = ", ".join(["NULL"] * (len(ins) + len(outs)))
    return f"""\
static int run_{name}(void)
{{
    /* On the heap, exactly as large as promised: the address sanitizer sees one byte too many. */
    void *memory = aligned_alloc(16, ({name.upper()}_ARENA_BYTES + 15u) / 16u * 16u);
    if (memory == NULL || {name}_init(memory) != 0) return 3;
    for (int run = 0; run < {job.runs * (1 + state)}; run++) {{
{f"        if (run == {job.runs}) {name}_reset();{chr(10)}" * state}\
{"".join(f"        if (fread({name}_input{i}(), 1, {n}, stdin) != {n}) return 4;{chr(10)}" for i, n in ins)}\
        {name}_run({nulls});
{"".join(f"        fwrite({name}_output{i}(), 1, {n}, stdout);{chr(10)}" for i, n in outs)}\
    }}
    free(memory);
    return 0;
}}
"""


def _run(jobs: Sequence[Job], state: Sequence[bool], command: Sequence[str]) -> list[Answer]:
    graphs = [job.compiled.graph for job in jobs]
    outputs = [[graph.tensor(i) for i in graph.outputs] for graph in graphs]
    stdin = [
        packed(job.inputs, [graph.tensor(i) for i in graph.inputs], job.runs) * (1 + twice)
        for job, graph, twice in zip(jobs, graphs, state, strict=True)
    ]
    answers: list[Answer] = []
    while len(answers) < len(jobs):
        first = len(answers)
        why, written = _once([*command, str(first)], b"".join(stdin[first:]), len(jobs) - first)
        at = 0
        for job, outs, twice in zip(jobs[first:], outputs[first:], state[first:], strict=True):
            size = sum(t.nbytes for t in outs) * job.runs
            end = at + size * (1 + twice)
            if end > len(written):
                break
            if written[at : at + size] != written[end - size : end]:
                answers.append(NativeError("other results after a reset"))
            else:
                answers.append(unpacked(written[at : at + size], outs, job.runs))
            at = end
        if why and len(answers) < len(jobs):
            answers.append(NativeError(why))
        elif why or len(answers) < len(jobs):
            raise AssertionError(f"the program of all cases: {why or 'ends too early'}")
    return answers


def _once(command: Sequence[str], stdin: bytes, cases: int) -> tuple[str, bytes]:
    """Why the program did not do all of its cases, if it did not, and what it wrote."""
    limit = 60 + _SECONDS_PER_CASE * min(cases, 10)
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired as late:
        return f"does not end in {limit} s", late.stdout or b""
    if done.returncode == 0:
        return "", done.stdout
    return f"exit status {done.returncode}\n{done.stderr.decode(errors='replace')[-4000:]}", done.stdout
