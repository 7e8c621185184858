"""What was written past torch's count of changes is a new version too, not shown as it was."""

# ruff: noqa: E501 — programs of one line each

from __future__ import annotations

import numpy as np
import pytest

from gradviz.recording.model import Recording, Tensor
from tests.capabilities import problems
from tests.tracer.helpers import array, record

pytestmark = pytest.mark.filterwarnings("ignore")

# Each changes `w`, of three ones, to sevens without `w` counting it; then it is used.
WRITES = {
    "data": "w = torch.ones(3, requires_grad=True)\nd = w + 0\nw.data.fill_(7)\n",
    "an element of data": "w = torch.ones(3)\nd = w + 0\nw.data[:] = 7.\n",
    "a variable of data": "w = torch.ones(3)\nv = w.data\nd = w + v\nv.mul_(7)\n",
    "data of a view": "w = torch.ones(3)\nd = w + 0\nw[1:].data.fill_(7)\nw.data[0] = 7.\n",
    "what data was assigned": "v = torch.ones(3)\nw = torch.zeros(3)\nw.data = v\nd = w + 0\nv.fill_(7)\n",
    "a view in inference mode": "with torch.inference_mode():\n    w = torch.ones(3)\n    d = w + 0\n"
    "    w[:2].fill_(7)\n    w[2] = 7.\n",
    "NumPy": "import numpy as np\na = np.ones(3, np.float32)\nw = torch.from_numpy(a)\nd = w + 0\na[:] = 7\n",
    "NumPy's view of it": "w = torch.ones(3)\nd = w + 0\nw.numpy()[:] = 7\n",
}
WRITES["data in a hook"] = (
    "w = torch.ones(3, requires_grad=True)\nd = w + 0\ndef update(p):\n    p.data.fill_(7)\n"
    "w.register_post_accumulate_grad_hook(update)\nd.sum().backward()\n"
)
WRITES["DLPack"] = "v = torch.ones(3)\nw = torch.from_dlpack(v)\nd = w + 0\nv.fill_(7)\n"
WRITES["a storage that DLPack shares"] = (
    "v = torch.ones(3)\nw = torch.utils.dlpack.from_dlpack(v)\nd = w + 0\n"
    "v.untyped_storage().copy_(torch.full((3,), 7.).untyped_storage())\n"
)


def taken(recording: Recording, name: str) -> Tensor:
    """What the last op of this name took first."""
    op = [one for one in recording.ops if one.name == name][-1]
    return recording.tensors[op.inputs[0]]


@pytest.mark.parametrize("side", [3, 5000])
@pytest.mark.parametrize("name", WRITES)
def test_what_an_op_takes_is_shown_as_it_is_then(name: str, side: int) -> None:
    text = WRITES[name].replace("(3", f"({side}").replace("(3)", f"({side})") + "u = w * 2\n"
    text = text.replace("w[2] = 7.", "w[2:] = 7.")
    recording = record(text)
    assert problems(recording.warnings) == ()
    used = taken(recording, "mul")
    assert used.name == "w"
    assert used.previous is not None
    kept = recording.value(used.value)
    assert kept is not None and kept.data is not None
    assert set(np.frombuffer(kept.data, kept.storage)) == {7}
    before = recording.tensors[used.previous]
    while before.previous is not None:
        before = recording.tensors[before.previous]
    if name != "what data was assigned":
        first = recording.value(before.value)
        assert first is not None and first.data is not None
        assert set(np.frombuffer(first.data, first.storage)) == {1}


@pytest.mark.parametrize("name", ["data", "a variable of data"])
def test_the_op_that_wrote_has_made_the_new_version(name: str) -> None:
    recording = record(WRITES[name] + "u = w * 2\n")
    maker = taken(recording, "mul").op
    assert maker is not None
    assert recording.ops[maker].name in ("fill_", "mul_")


def test_a_view_of_what_numpy_knows_is_told_of_the_op_that_wrote() -> None:
    recording = record(
        "import numpy as np\nw = torch.from_numpy(np.ones(3))\nv = w[1:]\nd = v + 0\n"
        "w.add_(1)\nu = v * 2\n"
    )
    maker = taken(recording, "mul").op
    assert maker is not None
    assert recording.ops[maker].name == "add_"


def test_what_nobody_wrote_to_is_no_new_version() -> None:
    recording = record(
        "import numpy as np\nw = torch.ones(3)\nd = w.data\nn = torch.from_numpy(np.ones(3))\n"
        "for _ in range(3):\n    u = w * 2 + d * 3\n    k = n * 2\n"
        "large = torch.from_numpy(np.ones(5000))\nfor _ in range(3):\n    k = large * 2\n"
        "with torch.inference_mode():\n    i = torch.ones(3)\n    j = i * 2 + i[1:].sum()\n"
    )
    assert {one.version for one in recording.tensors} == {0}


def test_a_store_that_is_used_again_is_not_taken_for_what_was_written_before() -> None:
    recording = record(
        "for _ in range(50):\n    w = torch.ones(3)\n    w.data.fill_(7)\n    del w\n"
        "    v = torch.ones(3)\n    u = v + 1\n    u = v + 2\n    del v, u\n"
    )
    sums = [recording.tensors[op.inputs[0]] for op in recording.ops if op.name == "add"]
    assert {one.version for one in sums} == {0}


def test_what_is_loaded_is_not_ascribed_to_the_step_before() -> None:
    recording = record(
        "net = nn.Linear(2, 1, bias=False)\nbest = {'weight': torch.full((1, 2), 7.)}\n"
        "opt = torch.optim.SGD(net.parameters(), lr=0.1)\nnet(torch.ones(2)).sum().backward()\n"
        "opt.step()\nnet.load_state_dict(best)\ny = net(torch.ones(2))\n"
    )
    (step,) = [one for one in recording.ops if one.name == "SGD.step"]
    assert len(step.outputs) == 1
    weight = recording.tensors[recording.ops[-1].inputs[1]]
    assert array(recording, weight.value).tolist() == [[7, 7]]
    assert weight.op is None
    assert weight.previous == step.outputs[0]


def test_gradients_are_shown_as_the_scaler_has_left_them() -> None:
    recording = record(
        "w = torch.ones(2, requires_grad=True)\nopt = torch.optim.SGD([w], lr=0.1)\n"
        "scaler = torch.amp.GradScaler('cpu', init_scale=8.)\n"
        "scaler.scale((w * 3).sum()).backward()\nscaler.unscale_(opt)\n"
        "nn.utils.clip_grad_norm_([w], 100.)\nscaler.step(opt)\n"
    )
    (unscaled,) = [one for one in recording.ops if one.name.endswith("unscale_")]
    before, after = recording.tensors[unscaled.inputs[0]], recording.tensors[unscaled.outputs[0]]
    assert before.name == after.name == "w.grad"
    assert array(recording, before.value).tolist() == [24, 24]
    assert array(recording, after.value).tolist() == [3, 3]
    norm = next(one for one in recording.ops if one.name == "_foreach_norm")
    assert norm.inputs == (after.id,)


def test_elements_that_are_set_in_inference_mode_are_an_op() -> None:
    recording = record(
        "with torch.inference_mode():\n    r = torch.zeros(3)\n    r[1] = 5.\n    s = r.view(-1)\n"
        "    s.add_(1)\n    y = F.dropout(r, 0.5, True)\n    t = r + s\n"
    )
    assert problems(recording.warnings) == ()
    changes = [one.name for one in recording.ops if one.kind.value == "in-place"]
    assert changes == ["setitem", "add_"]
    one, other = (recording.tensors[number] for number in recording.ops[-1].inputs)
    assert array(recording, one.value).tolist() == [1, 6, 1]
    assert array(recording, other.value).tolist() == [1, 6, 1]


def test_an_ordinary_tensor_that_inference_mode_changes_is_kept_as_it_was() -> None:
    recording = record(
        "total = torch.zeros(3)\nd = total + 0\nwith torch.inference_mode():\n    total.add_(1)\n"
        "    total += 1\nu = total * 2\n"
    )
    assert problems(recording.warnings) == ()
    values = [array(recording, one.value) for one in recording.tensors if one.name == "total"]
    assert [value.tolist() for value in values] == [[0] * 3, [1] * 3, [2] * 3]
