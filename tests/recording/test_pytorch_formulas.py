"""PyTorch's own formulas: baked from the installed version, read with bounds."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording import pytorch_formulas
from gradviz.recording.chain import Chain
from gradviz.recording.pytorch_formulas import Derivatives, derivatives, pytorch_formula
from gradviz.recording.replay import Replay

SCRIPT = Path(__file__).parent.parent.parent / "scripts" / "bake_formulas.py"


@pytest.fixture
def fresh() -> None:
    derivatives.cache_clear()
    pytorch_formula.cache_clear()


def test_the_file_names_its_source_and_version() -> None:
    baked = derivatives()

    assert "derivatives.yaml" in baked.source
    assert baked.torch.count(".") == 2
    assert len(baked.nodes) > 600


@pytest.mark.parametrize(
    ("node", "slot", "name", "text"),
    [
        ("MulBackward0", 0, "self", "mul_tensor_backward(grad, other, self.scalar_type())"),
        ("WhereBackward0", 1, "other", "where(condition, 0, grad)"),
        ("SigmoidBackward0", 0, "self", "sigmoid_backward(grad, result)"),
        ("I0Backward0", 0, "self", "grad * at::special_i1(self)"),
    ],
)
def test_a_node_s_formula_by_edge(node: str, slot: int, name: str, text: str) -> None:
    formula = pytorch_formula(node, slot)

    assert formula is not None
    assert (formula.name, formula.text) == (name, text)


def test_every_edge_of_a_list_has_the_list_s_formula() -> None:
    first, ninth = pytorch_formula("CatBackward0", 0), pytorch_formula("CatBackward0", 9)

    assert first is not None
    assert first == ninth
    assert first.name == "tensors"


def test_the_guard_against_undefined_gradients_is_left_out() -> None:
    formula = pytorch_formula("ConvolutionBackward0", 1)

    assert formula is not None
    assert formula.text.startswith("convolution_backward")
    assert "std::tuple" not in formula.text


def test_what_is_not_there_has_no_formula() -> None:
    assert pytorch_formula("MyFunctionBackward", 0) is None
    assert pytorch_formula("MulBackward0", 2) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"source":"","torch":"","nodes":1}'])
def test_a_damaged_file_costs_only_the_formulas(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    file = tmp_path / "derivatives.json"
    file.write_bytes(content)
    monkeypatch.setattr(pytorch_formulas, "_FILE", file)
    try:
        assert derivatives() == Derivatives("", "", {})
        assert pytorch_formula("MulBackward0", 0) is None
    finally:
        derivatives.cache_clear()
        pytorch_formula.cache_clear()


def test_a_file_that_is_too_large_is_not_read(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytorch_formulas, "_MAX_NBYTES", 10)
    try:
        assert derivatives().nodes == {}
    finally:
        derivatives.cache_clear()
        pytorch_formula.cache_clear()


def test_the_chain_rule_falls_back_to_pytorch_s_own_formula() -> None:
    text = (
        "import torch\nx = torch.tensor(0.7, requires_grad=True)\ny = torch.special.i0(x)\n"
        "z = y.sin()\nz.backward()"
    )
    result = run(text, RunOptions(), on_output=lambda _: None, on_line=lambda _: None)
    chain = Chain(Replay(result.recording))
    of_x = chain.rule_of(result.recording.ops[1].inputs[0], chain.replay.length)
    of_y = chain.rule_of(result.recording.ops[1].outputs[0], chain.replay.length)

    assert of_x is not None and of_y is not None
    (term,) = of_x.terms
    assert term.derivative.formula is None
    assert of_x.own_formulas == (("I0Backward0", "grad * at::special_i1(self)"),)
    assert of_y.own_formulas == ()


@pytest.mark.slow
def test_baking_again_gives_the_shipped_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("yaml")
    import torch

    if torch.__version__.partition("+")[0] != derivatives().torch:
        pytest.skip("another PyTorch was baked")
    script = runpy.run_path(str(SCRIPT))
    target = tmp_path / "data" / "derivatives.json"
    monkeypatch.setitem(script["main"].__globals__, "TARGET", target)
    assert script["main"]() == 0
    assert target.read_bytes() == pytorch_formulas._FILE.read_bytes()


def test_the_baked_edges_are_those_of_real_nodes() -> None:
    """Where the installed PyTorch is the baked one, an edge's name is the saved operand's."""
    import torch

    if torch.__version__.partition("+")[0] != derivatives().torch:
        pytest.skip("another PyTorch was baked")
    x, y = (torch.randn(3, 3, requires_grad=True) for _ in range(2))
    for result in (x * y, x @ y, x / y, torch.atan2(x, y), torch.addmm(x, y, x), x.lerp(y, 0.5)):
        node = result.grad_fn
        assert node is not None
        assert len(derivatives().nodes[node.name()]) == len(node.next_functions)
