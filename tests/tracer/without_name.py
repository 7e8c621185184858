"""Record one program as if this torch had not one of the private names, for each name in turn.

A process of its own, because the recorder looks the names up when it is imported. Reads paths such
as `_C._autograd._get_sequence_nr` from its arguments; prints one JSON line for each, and one for
the full torch before them.
"""

from __future__ import annotations

import builtins
import importlib.util
import json
import sys
from typing import Any

import torch

from tests.tracer.helpers import same_bits, tensors_of

PROGRAM = """
import torch.utils.checkpoint
x = torch.tensor(2.0, requires_grad=True)
y = torch.tensor(3.0, requires_grad=True)
f = (x + y) * x
f.backward()
h = torch.ones(3, requires_grad=True)
k = h * 2
k += 1
k[0] = x
u = k.view(3, 1).exp()
m = nn.Sequential(nn.Linear(1, 2), nn.BatchNorm1d(2))
m[0].weight.register_hook(lambda grad: grad * 2)
s = torch.utils.checkpoint.checkpoint(torch.sin, u, use_reentrant=True)
loss = m(s).square().sum()
loss.backward()
d, = torch.autograd.grad(y ** 3, y, create_graph=True)
d.backward()
j = torch.func.grad(lambda t: t ** 2)(torch.tensor(4.0))
"""


def without(path: str) -> Any:
    """The module that looks private names up, made anew as if torch had no such name."""
    for name in [one for one in sys.modules if one.startswith("gradviz.tracer")]:
        del sys.modules[name]
    missing = path.rpartition(".")[2]
    name = "gradviz.tracer.private.lookup"
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.loader is not None
    for earlier in [one for one in sys.modules if one.startswith("gradviz.tracer")]:
        del sys.modules[earlier]  # finding a module imports its package
    module = importlib.util.module_from_spec(spec)

    def getattr_(owner: Any, wanted: str, *default: Any) -> Any:
        if missing and wanted == missing:
            if default:
                return default[0]
            raise AttributeError(wanted)
        return builtins.getattr(owner, wanted, *default)

    module.__dict__.update(getattr=getattr_)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def report(path: str) -> dict[str, Any]:
    lookup = without(path)
    sys.modules.pop("tests.tracer.helpers", None)
    from gradviz.tracer.private.nodes import SAVED, UNTOLD_SAVED
    from tests.tracer.helpers import run_plainly, run_recorded

    assert sys.modules["gradviz.tracer.private.lookup"] is lookup
    plain, _ = run_plainly(PROGRAM)
    namespace, raised, traced = run_recorded(PROGRAM)
    got = tensors_of(namespace)
    expected = tensors_of(plain)
    nodes = traced.autograd_nodes
    grads = {}
    for tensor in traced.tensors:
        if tensor.name in expected and tensor.grad is not None:
            kept = traced.values[tensor.grad]
            grads[tensor.name] = kept.data == _bytes(expected[tensor.name].grad)
    return {
        "name": path,
        "raised": None if raised is None else repr(raised),
        "same": [
            name
            for name, tensor in expected.items()
            if same_bits(tensor, got[name])
            and (not tensor.is_leaf or same_bits(tensor.grad, got[name].grad))
        ],
        "expected": sorted(expected),
        "grads": grads,
        "ops": [op.name for op in traced.ops],
        "owners": [None if n.op is None else traced.ops[n.op].name for n in nodes],
        "nodes": [node.name for node in nodes],
        "passes": [[nodes[s.autograd_node].name for s in p.steps] for p in traced.passes],
        "parents": [p.parent for p in traced.passes],
        "warnings": traced.warnings,
        "not_told": [*lookup.NOT_TOLD, *([UNTOLD_SAVED] if SAVED is None else [])],
    }


def _bytes(tensor: torch.Tensor) -> bytes:
    return bytes(tensor.detach().contiguous().numpy())


def main() -> None:
    for path in ("", *sys.argv[1:]):
        print(json.dumps(report(path)), flush=True)


if __name__ == "__main__":
    main()
