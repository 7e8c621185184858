"""What one recording of a model holds: `python -m benchmarks.memory gpt2`, in its own process."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import msgspec
import torch

from benchmarks import models
from gradviz.tracer import Tracer


class Held(msgspec.Struct, frozen=True):
    """Bytes: each storage counts once.

    `gradients` are all that the recording keeps of gradients, those of activations and those of
    the parameters: of all values that came into a step, went out of it or became a leaf's `.grad`,
    the storages that the recording refers to, among them those that the plain run holds as `.grad`
    when it is done. They are what "bytes of the gradients kept" means in the ratio. Gradients of
    at most 4,096 elements are copied, and count in neither of the two.
    `beyond_plain` is what it keeps that the plain run would not hold at its fullest, which is when
    the forward pass is done: neither parameters and their `.grad` nor what autograd saved.
    `peak_beyond` is by how much the recording raised the process's peak above the plain run's.
    """

    gradients: int
    beyond_plain: int
    peak_beyond: int


def measure(make: str) -> Held:
    """Run a model plainly, then recorded."""
    model, inputs = getattr(models, make)()
    saved: set[int] = set()
    _run(model, inputs)
    before = _peak_nbytes()
    with Tracer(value_budget_nbytes=1 << 40) as tracer:
        model.zero_grad()
        loss = model(inputs).square().mean()
        with tracer.paused():  # to the recorder it would look as if hooks were about to be set
            saved |= _saved_addresses(loss)
        loss.backward()
    peak = _peak_nbytes()
    traced = tracer.finish()
    of_gradients: set[int] = set()
    for one in traced.passes:
        for step in one.steps:
            ids = (*step.grad_outputs, *step.grad_inputs, step.leaf_grad)
            of_gradients |= {value for value in ids if value is not None}
    own = {_storage(one) for one in (inputs, *model.parameters(), *model.buffers())}
    grads = {_storage(one.grad) for one in model.parameters() if one.grad is not None}
    sizes: dict[int, int] = {}
    gradients: set[int] = set()
    for number, tensor in traced.live.items():
        sizes[_storage(tensor)] = tensor.untyped_storage().nbytes()
        if number in of_gradients:
            gradients.add(_storage(tensor))
    beyond = set(sizes) - own - grads - saved
    return Held(
        gradients=sum(sizes[one] for one in gradients),
        beyond_plain=sum(sizes[one] for one in beyond),
        peak_beyond=max(0, peak - before),
    )


def _run(model: torch.nn.Module, inputs: torch.Tensor) -> None:
    model.zero_grad()
    model(inputs).square().mean().backward()


def _storage(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _saved_addresses(root: torch.Tensor) -> set[int]:
    """Where the storages lie that autograd keeps for the backward pass."""
    found: set[int] = set()
    waiting, seen = [root.grad_fn], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        for name in dir(node):
            if not name.startswith("_raw_saved_"):
                continue
            value = getattr(node, name)
            for one in value if isinstance(value, (tuple, list)) else (value,):
                data = getattr(one, "data", None)
                if isinstance(data, torch.Tensor):
                    found.add(_storage(data))
        waiting.extend(after for after, _ in node.next_functions)
    return found


def _peak_nbytes() -> int:
    status = Path("/proc/self/status")
    if status.exists():  # what `getrusage` says begins with the peak of the process that started us
        for line in status.read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(measure(sys.argv[1])))
