"""Documents in other types than the one that they were written for."""

from __future__ import annotations

import pytest
import torch

from gradviz.devices.precision import cast, check_type, computing_in, other_type
from gradviz.devices.rehearsal import Conditions, Rehearsal
from gradviz.devices.script import find_backward, parse_statements
from gradviz.errors import GradvizError

TEXT = """\
import torch
import numpy as np
x = torch.ones(2, 3, requires_grad=True)
a = torch.from_numpy(np.ones((2, 3)))
i = torch.tensor([0, 1])
net = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
g = net(x * a)[i].sum()
g.backward()
"""


@pytest.mark.parametrize("dtype", ["float64", "bfloat16", "float16", "float32"])
def test_leaves_modules_and_results_are_of_the_type_and_integers_stay(dtype: str) -> None:
    statements = parse_statements(TEXT)
    call = find_backward(statements)
    assert call is not None
    rehearsal = Rehearsal(Conditions("cpu", dtype))
    rehearsal.run_to_backward(statements, call)
    names = rehearsal.namespace
    wanted = getattr(torch, dtype)
    for name in ("x", "a", "g"):
        assert names[name].dtype is wanted  # type: ignore[attr-defined]
    assert names["x"].is_leaf and names["x"].requires_grad  # type: ignore[attr-defined]
    assert names["i"].dtype is torch.int64  # type: ignore[attr-defined]
    assert names["net"].weight.dtype is wanted  # type: ignore[attr-defined]
    held = names["optimizer"].param_groups[0]["params"][0]  # type: ignore[attr-defined]
    assert held is names["net"].weight  # type: ignore[attr-defined]
    assert torch.get_default_dtype() is torch.float32


def test_a_leaf_keeps_its_gradient_and_every_name_that_means_it() -> None:
    x = torch.ones(2, requires_grad=True)
    (x * 3).sum().backward()
    names: dict[str, object] = {"x": x, "same": x, "xs": [x]}
    cast(names, "x", torch.float64)
    moved = names["x"]
    assert isinstance(moved, torch.Tensor)
    assert names["same"] is moved and names["xs"] == [moved]
    assert moved.grad is not None and moved.grad.dtype is torch.float64
    assert moved.grad.tolist() == [3.0, 3.0]


def test_what_cannot_be_computed_is_said() -> None:
    with pytest.raises(GradvizError, match=r"tf32 needs an NVIDIA card"):
        check_type("cpu", "tf32")
    with pytest.raises(GradvizError, match=r"^There is no type int8; there are float32, "):
        check_type("cpu", "int8")
    check_type("cpu", "")
    check_type("cpu", "float64")


def test_the_settings_are_as_before_afterwards() -> None:
    before = (torch.get_default_dtype(), torch.backends.cudnn.allow_tf32)
    with pytest.raises(ZeroDivisionError), computing_in("float64"):
        assert torch.get_default_dtype() is torch.float64
        raise ZeroDivisionError
    assert (torch.get_default_dtype(), torch.backends.cudnn.allow_tf32) == before


SAYINGS = {
    "nothing": lambda: None,
    "older": lambda: setattr(torch.backends.cuda.matmul, "allow_tf32", True),
    "older for convolutions": lambda: setattr(torch.backends.cudnn, "allow_tf32", False),
    "overall": lambda: torch.set_float32_matmul_precision("medium"),
    "newer": lambda: setattr(torch.backends.cuda.matmul, "fp32_precision", "ieee"),
}


def float32_settings() -> list[object]:
    cudnn = torch.backends.cudnn
    told: list[object] = [torch.backends.cuda.matmul.allow_tf32, cudnn.allow_tf32]
    told += [torch.get_float32_matmul_precision()]
    owners = [getattr(cudnn, name, None) for name in ("conv", "rnn")]
    return [*told, *(getattr(one, "fp32_precision", None) for one in owners)]


@pytest.mark.parametrize("dtype", ["float32", "tf32", "float64"])
@pytest.mark.parametrize("before", SAYINGS)
@pytest.mark.parametrize("within", SAYINGS)
def test_what_the_document_says_of_float32_products_is_put_back(
    before: str, within: str, dtype: str
) -> None:
    if "newer" in (before, within) and not hasattr(torch.backends.cudnn, "conv"):
        pytest.skip("this PyTorch says it in one way only")
    with computing_in("float32"):
        SAYINGS[before]()
        expected = float32_settings()
        with computing_in(dtype):
            assert torch.backends.cuda.matmul.allow_tf32 is (dtype == "tf32")
            SAYINGS[within]()
        assert float32_settings() == expected


def test_a_tensor_of_another_type_is_named() -> None:
    assert other_type(torch.ones(1), torch.float64) == "float32"
    assert other_type(torch.tensor(1), torch.float64) is None
    assert other_type("x", torch.float64) is None


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
def test_tf32_changes_products_and_float32_is_exact() -> None:
    a = torch.rand(256, 256, device="cuda")
    exact = a.double() @ a.double()
    with computing_in("float32"):
        single = (a @ a).double()
    with computing_in("tf32"):
        rounded = (a @ a).double()
    assert (single - exact).abs().max() < (rounded - exact).abs().max()
