"""Moving leaves, modules and optimizers between devices; `meta` stands in for a second device."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from gradviz.devices import placement
from gradviz.devices.placement import move_leaf, place, same_device
from gradviz.errors import GradvizError


def test_a_moved_leaf_is_a_leaf_with_its_grad_on_the_other_device() -> None:
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    (leaf * 3).sum().backward()
    moved = move_leaf(leaf, "meta")
    assert moved.is_leaf
    assert moved.requires_grad
    assert moved.device.type == "meta"
    assert moved.grad is not None
    assert moved.grad.device.type == "meta"
    assert leaf.device.type == "cpu"


def test_moving_with_to_would_not_be_a_leaf() -> None:
    """What `move_leaf` is for: torch's own `.to` records a node."""
    assert not torch.ones(2, requires_grad=True).to("meta").is_leaf


def test_a_leaf_that_is_there_already_is_returned_as_it_is() -> None:
    leaf = torch.ones(2)
    assert move_leaf(leaf, "cpu") is leaf


def test_a_parameter_stays_a_parameter_and_frozen_stays_frozen() -> None:
    moved = move_leaf(nn.Parameter(torch.ones(2), requires_grad=False), "meta")
    assert isinstance(moved, nn.Parameter)
    assert not moved.requires_grad


def test_hooks_and_attributes_go_along() -> None:
    calls: list[str] = []
    leaf = torch.ones(2, requires_grad=True)
    leaf.note = "mine"  # type: ignore[attr-defined]
    leaf.register_hook(lambda grad: calls.append("grad"))
    leaf.register_post_accumulate_grad_hook(lambda tensor: calls.append("accumulated"))
    moved = move_leaf(leaf, "meta")
    assert moved.note == "mine"  # type: ignore[attr-defined]
    (moved * 2).sum().backward()
    assert calls == ["grad", "accumulated"]


def test_what_an_op_made_is_refused_by_the_name_of_its_node() -> None:
    result = torch.ones(2, requires_grad=True) * 2
    with pytest.raises(GradvizError, match=r"h is not a leaf \(MulBackward0 made it\)"):
        place({"h": result}, "h", "meta")
    with pytest.raises(GradvizError, match="not a leaf"):
        move_leaf(result, "meta")


def test_placing_a_leaf_changes_every_name_that_means_it() -> None:
    x = torch.ones(2, requires_grad=True)
    other = torch.ones(2)
    namespace: dict[str, Any] = {"x": x, "same": x, "all": [x, other], "by": {"x": x}, "y": other}
    place(namespace, "x", "meta")
    moved = namespace["x"]
    assert moved.device.type == "meta"
    assert namespace["same"] is moved
    assert namespace["all"][0] is moved
    assert namespace["by"]["x"] is moved
    assert namespace["all"][1] is other
    assert namespace["y"] is other


def test_placing_a_leaf_changes_tuples_and_the_persons_own_objects() -> None:
    text = """
import collections, dataclasses, types, torch
Pair = collections.namedtuple("Pair", "a b")
class Trainer:
    shared = None
    @property
    def weight(self): return self._weight
@dataclasses.dataclass(frozen=True)
class Batch:
    x: torch.Tensor
w = torch.ones(2, requires_grad=True)
pair, same, deep = Pair(w, 1), (w, 2), [{"a": ((w,), 3)}]
again = pair
trainer = Trainer(); trainer._weight = w; trainer.parts = types.SimpleNamespace(w=w)
trainer.me = trainer; trainer.opt = torch.optim.SGD([w], lr=1)
Trainer.shared = w
batch, kept = Batch(w), {w}
untouched, found = (1, [2]), torch.return_types.max((w, torch.zeros(2)))
"""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(text, names)
    untouched = names["untouched"]
    place(names, "w", "meta")
    w, pair, trainer = names["w"], names["pair"], names["trainer"]
    assert w.is_leaf and w.device.type == "meta"
    assert type(pair) is names["Pair"] and pair.a is w and pair.b == 1 and names["again"] is pair
    assert names["same"][0] is w and names["deep"][0]["a"][0][0] is w
    assert trainer.weight is w and trainer.parts.w is w and names["Trainer"].shared is w
    assert trainer.opt.param_groups[0]["params"][0] is w
    assert names["batch"].x is w and next(iter(names["kept"])) is w
    assert names["untouched"] is untouched and names["found"].values is w


FUNCTIONS = """
from functools import partial
import torch

def make():
    w = torch.ones(2, requires_grad=True)
    held = []

    def enclosed():
        return w, held, later

    held.append(w)
    if not held:
        later = None
    return w, enclosed

w, enclosed = make()

def with_defaults(a=w, *, b=w):
    return a, b

class Owner:
    def __init__(self):
        self.w = w

    def method(self):
        return self.w

method = Owner().method
bound = partial(partial(max, w), key=[w])
"""


def test_placing_a_leaf_changes_what_functions_enclose_and_have_as_defaults() -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(FUNCTIONS, names)
    place(names, "w", "meta")
    moved = names["w"]
    assert moved.is_meta
    enclosed = names["enclosed"]
    cells = dict(zip(enclosed.__code__.co_freevars, enclosed.__closure__, strict=True))
    assert cells["w"].cell_contents is moved
    assert cells["held"].cell_contents[0] is moved
    assert all(given is moved for given in names["with_defaults"]())
    assert names["method"]() is moved
    assert names["bound"].args[0] is moved
    assert names["bound"].keywords["key"][0] is moved


def test_placing_a_module_moves_parameters_buffers_and_tied_weights() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 2))
    net[2].weight = net[0].weight
    namespace: dict[str, Any] = {"net": net, "w": net[0].weight}
    place(namespace, "net", "meta")
    tensors = [*net.parameters(), *net.buffers()]
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    assert net[2].weight is net[0].weight
    assert namespace["w"] is net[0].weight
    assert namespace["net"] is net


@pytest.mark.parametrize("make", [torch.optim.SGD, torch.optim.Adam])
def test_optimizers_hold_the_moved_parameters_and_their_state(make: Any) -> None:
    net = nn.Linear(2, 1)
    options = {"momentum": 0.9} if make is torch.optim.SGD else {}
    optimizer = make(net.parameters(), lr=0.1, **options)
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    place({"net": net, "optimizer": optimizer}, "net", "meta")
    held = optimizer.param_groups[0]["params"]
    assert all(mine is theirs for mine, theirs in zip(held, net.parameters(), strict=True))
    assert set(optimizer.state) == set(net.parameters())
    for state in optimizer.state.values():
        devices = {k: v.device.type for k, v in state.items() if isinstance(v, torch.Tensor)}
        assert devices.pop("step", "cpu") == "cpu"
        assert set(devices.values()) == {"meta"}


def test_a_dotted_name_moves_one_parameter_or_one_submodule() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    place({"net": net}, "net.0.weight", "meta")
    assert [p.device.type for p in net.parameters()] == ["meta", "cpu", "cpu", "cpu"]
    place({"net": net}, "net.1", "meta")
    assert [p.device.type for p in net.parameters()] == ["meta", "cpu", "meta", "meta"]


@pytest.mark.parametrize("name", ["gone", "net.5", "net.0.bias.x", "x.weight", "n"])
def test_what_cannot_be_moved_is_refused_in_a_sentence(name: str) -> None:
    namespace: dict[str, Any] = {"net": nn.Sequential(nn.Linear(1, 1)), "x": torch.ones(1), "n": 3}
    with pytest.raises(GradvizError, match=r"^[A-Za-z].*\.$"):
        place(namespace, name, "meta")


def test_a_module_that_does_not_fit_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    net = nn.Linear(2, 2)
    copied: list[object] = []

    def copy_once(tensor: torch.Tensor, device: str) -> torch.Tensor:
        if copied:
            raise GradvizError("No memory is left.")
        copied.append(tensor)
        return tensor.to(device)

    monkeypatch.setattr(placement, "_copy", copy_once)
    with pytest.raises(GradvizError, match="No memory"):
        place({"net": net}, "net", "meta")
    assert {p.device.type for p in net.parameters()} == {"cpu"}


def test_a_tensor_without_data_cannot_be_brought_back() -> None:
    with pytest.raises(GradvizError, match="no values that could be moved to cpu"):
        place({"x": torch.ones(2, device="meta")}, "x", "cpu")


def test_a_device_that_is_not_there_gives_a_sentence() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(GradvizError, match="could not be moved to cuda:0"):
        place({"x": torch.ones(1)}, "x", "cuda:0")


def test_a_device_without_index_means_its_first() -> None:
    assert same_device("cpu", "cpu:0")
    assert same_device("meta", "meta:0")
    assert not same_device("cpu", "meta")


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
def test_a_leaf_goes_to_cuda_and_back_with_the_same_gradient() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    namespace: dict[str, Any] = {"x": x}
    place(namespace, "x", "cuda:0")
    (namespace["x"] * 3).sum().backward()
    assert namespace["x"].grad.device.type == "cuda"
    place(namespace, "x", "cpu")
    assert namespace["x"].is_leaf
    assert namespace["x"].grad.tolist() == [3.0, 3.0]


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
def test_training_goes_on_after_a_module_was_moved_to_cuda() -> None:
    net = nn.Linear(4, 1)
    weight = net.weight
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
    place({"net": net, "optimizer": optimizer}, "net", "cuda:0")
    assert net.weight is weight
    before = net.weight.detach().clone()
    net(torch.ones(2, 4, device="cuda:0")).sum().backward()
    optimizer.step()
    assert not torch.equal(before, net.weight)


def test_a_leaf_that_a_module_has_beside_its_parameters_is_moved_by_its_place() -> None:
    net = nn.Sequential(nn.Linear(2, 2))
    net[0].scale = torch.ones(2, requires_grad=True)
    place({"net": net}, "net.0.scale", "meta")
    scale: Any = net[0].scale
    assert (scale.device.type, scale.is_leaf, scale.requires_grad) == ("meta", True, True)
    assert net[0].weight.device.type == "cpu"
