"""Documents executed on another device; `meta` stands in for a card, and is never timed."""

from __future__ import annotations

import pytest
import torch

from gradviz.devices.rehearsal import Conditions, Rehearsal, TextFailedError
from gradviz.devices.script import Span, find_backward, parse_statements
from gradviz.errors import GradvizError

HEAD = "import torch\nimport numpy as np\n"


def rehearse(text: str, device: str = "meta") -> tuple[Rehearsal, list[int]]:
    statements = parse_statements(text)
    call = find_backward(statements)
    assert call is not None
    rehearsal = Rehearsal(Conditions(device))
    rehearsal.run_to_backward(statements, call)
    return rehearsal, rehearsal.forward_of(call)


def devices_of(rehearsal: Rehearsal) -> set[str]:
    return {
        value.device.type
        for value in rehearsal.namespace.values()
        if isinstance(value, torch.Tensor)
    }


def test_new_tensors_arrays_and_modules_are_on_the_device() -> None:
    rehearsal, _ = rehearse(
        HEAD + "x = torch.ones(2, 3, requires_grad=True)\n"
        "a = torch.from_numpy(np.ones((2, 3), dtype='float32'))\n"
        "net = torch.nn.Linear(3, 1)\ng = net(x * a).sum()\ng.backward()\n"
    )
    assert devices_of(rehearsal) == {"meta"}
    assert rehearsal.namespace["net"].weight.device.type == "meta"  # type: ignore[attr-defined]


def test_a_device_in_the_text_is_overruled_so_that_the_figure_is_of_the_timed_device() -> None:
    rehearsal, indices = rehearse(
        HEAD + "device = 'cpu'\nx = torch.ones(2, requires_grad=True)\n"
        "t = torch.ones(2, device=device)\nnet = torch.nn.Linear(2, 1, device=device)\n"
        "for i in range(9):\n    y = torch.ones(2, device='cpu')\n    g = net(x * t * y).sum()\n"
        "    g.backward()\n"
    )
    assert devices_of(rehearsal) == {"meta"}
    assert len(indices) == 1


def test_what_the_text_keeps_on_the_cpu_is_named_instead_of_timed() -> None:
    text = HEAD + "x = torch.ones(2)\nw = torch.ones(2, device='cpu')\nk = w + 1\n"
    statements = parse_statements(text)
    rehearsal = Rehearsal(Conditions("cpu"))
    rehearsal.run_to_span(statements, Span(statements, 4, 5, None))
    rehearsal.device = "meta"
    with pytest.raises(GradvizError, match=r"^Line 5 uses w, which the text itself puts on cpu\.$"):
        rehearsal.check_devices([statements[4]])


def test_whether_a_statement_makes_tensors_is_noticed() -> None:
    text = HEAD + "x = torch.ones(2, requires_grad=True)\n{}\ng = h.sum()\ng.backward()\n"
    for line, makes in (
        ("h = x * torch.ones(2)", True),
        ("h = x * 2", False),
        ("h = x * torch.ones(2, device='meta')", False),
    ):
        rehearsal, indices = rehearse(text.format(line))
        assert rehearsal.makes_tensors(indices) is makes


def test_on_the_cpu_no_mode_slows_the_text() -> None:
    text = HEAD + (
        "modes = torch._C._len_torch_function_stack()\n"
        "x = torch.ones(2, requires_grad=True)\nx.sum().backward()\n"
    )
    rehearsal, _ = rehearse(text, "cpu")
    assert rehearsal.namespace["modes"] == 0


def test_values_before_a_statement_are_those_that_it_read() -> None:
    rehearsal, indices = rehearse(
        HEAD + "x = torch.ones(2, requires_grad=True)\nh = x\nh = h * 2\nh = h * 3\nh = h.sum()\n"
        "h.backward()\n",
        "cpu",
    )
    assert indices == [4, 5, 6]
    assert rehearsal.values_before(4)["h"] is rehearsal.namespace["x"]
    assert rehearsal.first_seconds(indices) > 0


def test_a_loop_stops_in_front_of_its_first_backward() -> None:
    rehearsal, _ = rehearse(
        HEAD + "x = torch.ones(2, requires_grad=True)\nfor i in range(100):\n    g = x.sum() * i\n"
        "    g.backward()\n",
        "cpu",
    )
    assert rehearsal.namespace["i"] == 0
    assert rehearsal.namespace["x"].grad is None  # type: ignore[attr-defined]
    assert not any(name.startswith("_gradviz") for name in rehearsal.namespace)


def test_an_error_inside_a_loop_has_the_line_of_the_text() -> None:
    with pytest.raises(TextFailedError) as caught:
        rehearse(HEAD + "for i in range(3):\n    y = 1 / 0\n    y.backward()\n", "cpu")
    assert caught.value.run_error.line == 4
    assert caught.value.run_error.type == "ZeroDivisionError"
