"""Record what one of two processes receives: `python -m tests.tracer.two_ranks RANK FILE`.

Processes of their own, because torch 2.6 can wait for ever as a group ends: these just end. The
first one prints a line of JSON for each call: what was recorded of it, what the tensors held before
and what after it.
"""

from __future__ import annotations

import json
import os
import sys

import torch.distributed as dist

from tests.tracer.helpers import array, record

START = """
import threading
import torch.distributed as dist
from torch.distributed import all_reduce
rank = dist.get_rank()
t, u = torch.ones(2), torch.full((2,), 4.)
v, d = t[:1], t.detach()
old = [t * 1, v * 1, d * 1]
"""
CALLS = (
    "all_reduce(t)",
    "dist.all_reduce(t, async_op=True).wait()",
    "dist.all_reduce(d)",
    "dist.recv(t, 1) if rank == 0 else dist.send(u, 0)",
    "(dist.irecv(t, 1) if rank == 0 else dist.isend(u, 0)).wait()",
    "dist.batch_isend_irecv([dist.P2POp(*((dist.isend, u, 0) if rank else (dist.irecv, t, 1)))])"
    "[0].wait()",
    "one = threading.Thread(target=lambda: dist.all_reduce(t)); one.start(); one.join()",
)
END = "\nnew = [t * 10, v * 10, d * 10]\n"


def main() -> None:
    rank, file = int(sys.argv[1]), sys.argv[2]
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=rank, world_size=2)
    for call in CALLS:
        recording = record(START + call + END)
        times = [op for op in recording.ops if op.name == "mul"]
        taken = [array(recording, recording.tensors[op.inputs[0]].value) for op in times]
        others = [op.name for op in recording.ops[7:] if op.name != "mul"]
        if rank == 0:
            held = [None if value is None else value.tolist() for value in taken]
            print(json.dumps({"ops": others, "before": held[:3], "after": held[3:]}))
    sys.stdout.flush()
    dist.barrier()
    os._exit(0)


if __name__ == "__main__":
    main()
