"""A leaf's first `.grad` is the very memory that arrived, as in a plain run: nothing is cloned."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gradviz.tracer import Tracer


def places(*, hooked: bool, hold: list[Any] | None = None) -> list[tuple[int, int]]:
    """Of each parameter where the gradient lay that arrived, and where its `.grad` lies."""
    model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 1))
    arrived: dict[int, int] = {}
    with Tracer() as tracer:
        out = model(torch.randn(4, 8))
        if hooked:
            out.register_hook(lambda gradient: None)
        loss = out.sum()
        with tracer.paused():
            nodes = [torch.autograd.graph.get_gradient_edge(p).node for p in model.parameters()]
            for number, node in enumerate(nodes):

                def note(gradients: Any, number: int = number) -> None:
                    arrived[number] = gradients[0].data_ptr()
                    if hold is not None:
                        hold.append(gradients[0])

                node.register_prehook(note)
        loss.backward()
    tracer.finish()
    grads = [parameter.grad for parameter in model.parameters()]
    return [(arrived[n], 0 if g is None else g.data_ptr()) for n, g in enumerate(grads)]


@pytest.mark.parametrize("hooked", [False, True], ids=["plain pass", "pass watched at both ends"])
def test_gradients_of_leaves_are_not_cloned(hooked: bool) -> None:
    assert all(came == lies for came, lies in places(hooked=hooked))


def test_the_check_sees_a_clone() -> None:
    assert any(came != lies for came, lies in places(hooked=False, hold=[]))
