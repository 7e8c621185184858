"""`gradviz.record`, `load` and `show` as a person's own script uses them."""

from __future__ import annotations

import contextlib
import gc
import linecache
import os
import signal
import subprocess
import sys
import textwrap
import threading
import weakref
import zlib
from pathlib import Path
from types import CodeType, FrameType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

import gradviz
from gradviz import api
from gradviz.api import graph_of
from gradviz.errors import GradvizError
from gradviz.export import program
from gradviz.recording.model import RunStatus
from gradviz.recording.outline import outline_text
from gradviz.tracer import Tracer
from tests.api_helper import halve
from tests.capabilities import problems

ROOT = Path(__file__).resolve().parent.parent


def run_python(code: str, *, folder: Path, **environment: str) -> str:
    """Run a script file in a process of its own, with this checkout to import."""
    script = folder / "script.py"
    script.write_text(textwrap.dedent(code))
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def record_chain() -> api.Recording:
    with gradviz.record() as recording:
        x = torch.tensor(1.0, requires_grad=True)
        y = torch.tensor(2.0, requires_grad=True)
        z = torch.tensor(3.0, requires_grad=True)
        p = x + y
        g = p * z
        g.backward()
    return recording


class Squares(Dataset[torch.Tensor]):
    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.tensor(float(index)) ** 2


def test_importing_gradviz_imports_neither_torch_nor_qt(tmp_path: Path) -> None:
    code = """
        import gradviz, sys
        heavy = {"torch", "PySide6", "numpy", "networkx", "msgspec", "gradviz.api"}
        missing = {"load", "record", "show"} - set(dir(gradviz))
        print(sorted(heavy & set(sys.modules)), sorted(missing))
    """
    assert run_python(code, folder=tmp_path).strip() == "[] []"


def test_loading_and_asking_needs_neither_torch_nor_qt(tmp_path: Path) -> None:
    record_chain().save(tmp_path / "a.gradviz")
    code = """
        import gradviz, sys
        recording = gradviz.load("a.gradviz")
        recording.to_networkx()
        print(recording.tensor("x").grad, {"torch", "PySide6"} & set(sys.modules))
    """
    assert run_python(code, folder=tmp_path).strip() == "3.0 set()"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'recrod'"):
        gradviz.recrod  # type: ignore[attr-defined]


def test_a_recording_answers_in_sentences() -> None:
    recording = record_chain()
    assert recording.status is RunStatus.OK
    assert recording.passes[0].steps[0].autograd_node.name == "MulBackward0"
    assert [op.name for op in recording.ops if op.inputs] == ["add", "mul"]
    assert recording.tensor("g").op == recording.ops[-1]
    assert recording.tensor("g").value == 9
    assert recording.tensor("x").grad == 3
    assert recording.leaf_grads == {"x": 3, "y": 3, "z": 3}
    assert recording.passes[0].leaf_grads == {"x": 3, "y": 3, "z": 3}
    assert [root.name for root in recording.passes[0].roots if root] == ["g"]
    assert recording.passes[0].steps[0].grad_inputs == (3, 3)
    assert [node.name for node in recording.tensor("p").autograd_node.next if node] == [
        "AccumulateGrad"
    ] * 2
    leaf = recording.tensor("x").autograd_node
    assert leaf is not None
    assert leaf.leaf == recording.tensor("x")
    assert len(recording.tensors[1:3]) == 2
    with pytest.raises(IndexError):
        recording.passes[1]


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(GradvizError, match=r"no tensor called 'xx'. There is x"):
        record_chain().tensor("xx")


def test_lines_and_code_are_those_of_the_callers_file() -> None:
    recording = record_chain()
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    mul = recording.ops[-1]
    assert mul.text == "p * z"
    assert mul.line is not None
    assert lines[mul.line - 1].strip() == "g = p * z"
    assert mul.file == __file__
    assert recording.passes[0].file == __file__
    assert recording.passes[0].text == "g.backward()"
    assert recording.text == Path(__file__).read_text(encoding="utf-8")


def test_ops_in_another_file_of_the_person_name_that_file() -> None:
    x = torch.ones(3, requires_grad=True)
    with gradviz.record() as recording:
        halve(x).sum().backward()
    div, total = recording.ops
    assert (div.text, Path(div.file).name) == ("tensor / 2", "api_helper.py")
    assert (total.text, total.file) == ("halve(x).sum()", __file__)


def test_names_are_the_callers_and_what_took_no_part_is_left_out() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    unused, batch = torch.ones(5), torch.ones(4, 2)
    weight = torch.ones(2, 2, requires_grad=True)
    with gradviz.record() as recording:
        out = model(batch @ weight)
    names = {tensor.name for tensor in recording.tensors}
    assert {"batch", "weight", "out", "model.0.weight", "model.1.bias"} <= names
    assert "unused" not in names
    assert [op.scope for op in recording.ops] == ["", "model.0", "model.1"]
    assert unused.sum() == 5
    assert out.shape == (4, 1)


def test_a_name_stands_for_what_the_block_left_there() -> None:
    net = torch.nn.Linear(2, 1, bias=False)
    with gradviz.record() as recording:
        w = torch.ones(3)
        (net(w[:2]) + w.sum()).sum().backward()
        w.data.mul_(5)
        net.load_state_dict({"weight": torch.full((1, 2), 7.0)})
    assert recording.tensor("w").value.tolist() == [5, 5, 5]
    assert recording.tensor("net.weight").value.tolist() == [[7, 7]]


def test_a_leaf_that_the_block_rebinds_keeps_the_name_that_it_had() -> None:
    x = torch.ones(2, requires_grad=True)
    leaf = weakref.ref(x)
    with gradviz.record() as recording:
        x = x * 2
        x.sum().backward()
    assert leaf() is not None
    assert [tensor.name for tensor in recording.tensors[:2]] == ["x", "x"]
    assert recording.leaf_grads["x"] is not None


def test_results_and_random_numbers_are_those_without_a_recording() -> None:
    def train(*, records: bool) -> tuple[list[torch.Tensor], torch.Tensor]:
        torch.manual_seed(0)
        model = torch.nn.Sequential(
            torch.nn.Linear(4, 8), torch.nn.Dropout(), torch.nn.Linear(8, 1)
        )
        optimizer = torch.optim.Adam(model.parameters())
        for step in range(4):
            with gradviz.record() if records and step == 2 else contextlib.nullcontext():
                optimizer.zero_grad()
                model(torch.randn(16, 4)).square().mean().backward()
                optimizer.step()
        return [p.detach() for p in model.parameters()], torch.get_rng_state()

    plain, recorded = train(records=False), train(records=True)
    assert all(torch.equal(a, b) for a, b in zip(plain[0], recorded[0], strict=True))
    assert torch.equal(plain[1], recorded[1])


def test_an_exception_passes_and_the_recording_holds_what_was_done() -> None:
    error = RuntimeError("mine")
    with pytest.raises(RuntimeError) as caught, gradviz.record() as recording:
        y = torch.ones(2, requires_grad=True) * 2
        raise error
    assert caught.value is error
    assert recording.status is RunStatus.ERROR
    assert recording.error is not None
    assert (recording.error.type, recording.error.message) == ("RuntimeError", "mine")
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert recording.error.line is not None
    assert lines[recording.error.line - 1].strip() == "raise error"
    assert recording.ops[-1].name == "mul"
    assert y.shape == (2,)


def test_an_interrupt_while_a_recording_is_completed_is_raised_and_the_next_one_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(tracer: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("gradviz.tracer.Tracer.finish", interrupted)
        with gradviz.record() as recording:
            torch.ones(2) * 2
    assert "lost" in recording.data.warnings[0]
    with gradviz.record() as recording:
        torch.ones(2) * 2
    assert [op.name for op in recording.ops] == ["ones", "mul"]


def test_an_interrupt_as_the_block_is_left_leaves_nothing_behind() -> None:
    """Python looks for Ctrl+C before the first line of what closes the recording."""
    closing = (gradviz.api.ActiveRecording.__exit__.__code__, Tracer.__exit__.__code__)
    before = torch.from_numpy
    for code in closing:

        def interrupt(frame: FrameType, event: str, _: object, code: CodeType = code) -> None:
            if event == "call" and frame.f_code is code:
                sys.settrace(None)
                handler = signal.getsignal(signal.SIGINT)
                assert callable(handler)
                handler(signal.SIGINT, frame)  # as Python does it

        recording = gradviz.record()
        traced = sys.gettrace()
        try:
            with pytest.raises(KeyboardInterrupt), recording:
                torch.ones(2) * 2
                sys.settrace(interrupt)
        finally:
            sys.settrace(traced)
        assert torch.from_numpy is before
        assert [op.name for op in recording.ops] == ["ones", "mul"]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with gradviz.record() as recording:
        torch.ones(2) * 2
    assert [op.name for op in recording.ops] == ["ones", "mul"]


def test_an_exception_of_torch_is_the_same_with_and_without() -> None:
    def fail() -> None:
        torch.ones(2) @ torch.ones(3)

    with pytest.raises(RuntimeError) as plain:
        fail()
    with pytest.raises(RuntimeError) as recorded, gradviz.record():
        fail()
    assert str(recorded.value) == str(plain.value)


def test_a_recording_within_a_recording_is_refused_and_the_outer_goes_on() -> None:
    with gradviz.record() as outer:
        with pytest.raises(GradvizError, match="already being made"), gradviz.record():
            pass
        torch.ones(2) + 1
    assert outer.ops[-1].name == "add"


def test_a_recording_is_made_only_once_and_asked_only_afterwards() -> None:
    recording = gradviz.record()
    with recording:
        with pytest.raises(GradvizError, match="still being made"):
            recording.ops
        assert "still being made" in repr(recording)
    with pytest.raises(GradvizError, match="already been made"), recording:
        pass


def test_nothing_lives_on_with_a_dropped_recording() -> None:
    def step() -> tuple[weakref.ref[torch.Tensor], weakref.ref[api.Recording]]:
        x = torch.ones(100_000, requires_grad=True)
        with gradviz.record() as recording:
            (x * 2).sum().backward()
        assert recording.tensor("x").value is not None
        return weakref.ref(x), weakref.ref(recording)

    tensor, recording = step()
    gc.collect()
    assert tensor() is None
    assert recording() is None


def test_what_the_caller_deletes_afterwards_is_gone_though_the_function_goes_on() -> None:
    x = torch.ones(10, requires_grad=True)
    with gradviz.record() as recording:
        x.sum()
    gone = weakref.ref(x)
    del x, recording
    gc.collect()
    assert gone() is None


def test_what_locals_returned_before_is_left_alone() -> None:
    x = torch.ones(2)
    mine = locals()
    with gradviz.record():
        x + 1
    assert mine["x"] is x


def test_a_large_value_is_whole_until_it_is_overwritten() -> None:
    w = torch.ones(200, 200, requires_grad=True)
    with gradviz.record() as recording:
        (w * 3).sum().backward()
    found = recording.tensor("w")
    assert np.array_equal(found.value, np.ones((200, 200)))
    assert np.array_equal(found.grad, np.full((200, 200), 3.0))
    with torch.no_grad():
        w.mul_(2)
    with pytest.raises(GradvizError, match=r"40,000 elements.*corner and the statistics"):
        found.value
    assert found.corner is not None
    assert found.corner.max() == 1
    assert found.statistics is not None
    assert found.statistics.max == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda w: w.data.mul_(2),
        lambda w: w.data[150, 150].fill_(7),
        lambda w: w.detach().numpy().__setitem__((150, 150), 7),
        lambda w: w.data[100:102].copy_(w.data[100:102].flip(0)),
    ],
    ids=["data", "one element", "numpy", "two rows exchanged"],
)
def test_a_large_value_that_was_changed_unnoticed_is_not_shown_as_it_was(write) -> None:
    w = torch.arange(40_000.0).reshape(200, 200).requires_grad_()
    with gradviz.record() as recording:
        (w * 3).sum().backward()
    assert recording.tensor("w").value[150, 150] == 30_150
    before = w._version
    write(w)
    assert w._version == before
    with pytest.raises(GradvizError, match="corner and the statistics"):
        recording.tensor("w").value
    assert np.array_equal(recording.tensor("w").grad, np.full((200, 200), 3.0))


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.randn(100, 90).t(),
        lambda: torch.randn(80, 80, dtype=torch.bfloat16),
        lambda: torch.randn(80, 80, dtype=torch.complex64).conj(),
        lambda: torch.randn(9, 1).expand(9, 600),
        lambda: torch.randn(2, 2200, 1000)[:, 1:],
    ],
    ids=["transposed", "bfloat16", "conjugate", "expanded", "more than one chunk"],
)
def test_a_large_value_of_any_form_is_whole_while_it_lasts(make) -> None:
    with gradviz.record() as recording:
        w = make()
        w + 1
    expected = w.float() if w.dtype is torch.bfloat16 else w.resolve_conj()
    assert np.array_equal(recording.tensor("w").value, expected.numpy())


def test_elements_that_several_values_have_in_common_are_read_once(monkeypatch) -> None:
    """The gradient of a weight goes through `t()`, and is what `.grad` becomes."""
    nbytes = 0
    original = zlib.crc32

    def crc32(data: memoryview, value: int = 0) -> int:
        nonlocal nbytes
        nbytes += memoryview(data).nbytes
        return original(data, value)

    model = torch.nn.Linear(100, 100, bias=False)
    monkeypatch.setattr(zlib, "crc32", crc32)
    with gradviz.record() as recording:
        model(torch.ones(1, 100)).sum().backward()
    assert nbytes == 2 * 40_000  # the weight and its gradient
    assert model.weight.grad is not None
    assert np.array_equal(recording.tensor("model.weight").grad, model.weight.grad.numpy())


def test_with_a_budget_of_nothing_large_tensors_are_not_held() -> None:
    w = torch.ones(200, 200)
    with gradviz.record(keep_nbytes=0) as recording:
        w + 1
    with pytest.raises(GradvizError, match="corner"):
        recording.tensor("w").value


def test_a_saved_recording_is_the_same_when_it_is_loaded(tmp_path: Path) -> None:
    recording = record_chain()
    recording.save(tmp_path / "run.gradviz")
    loaded = gradviz.load(str(tmp_path / "run.gradviz"))
    assert loaded.data == recording.data
    assert loaded.passes[0].steps[0].autograd_node.name == "MulBackward0"


def test_strides_survive_the_file(tmp_path: Path) -> None:
    with gradviz.record() as recording:
        x = torch.ones(2, 3, requires_grad=True)
        y = x.t() * 2
        y.sum().backward()
    assert any(value.strides is not None for value in recording.data.values)
    recording.save(tmp_path / "run.gradviz")
    assert gradviz.load(tmp_path / "run.gradviz").data == recording.data


def test_what_was_compiled_before_the_block_gives_what_it_gave() -> None:
    compiled = torch.compile(lambda a: (a.sin() * 2).sum(), backend="aot_eager")
    x = torch.ones(3, requires_grad=True)
    compiled(x).backward()
    expected, x.grad = x.grad, None
    with gradviz.record() as recording:
        loss = compiled(x)
        loss.backward()
    assert loss.shape == ()
    assert torch.equal(x.grad, expected)
    assert [op.name for op in recording.ops][:2] == ["sin", "mul"]
    assert torch.equal(compiled(x), loss)


@pytest.mark.skipif(
    tuple(map(int, torch.__version__.split(".")[:2])) < (2, 13),
    reason="how torch.compile calls a module is known for 2.13; before, its ops are not told",
)
@pytest.mark.filterwarnings("ignore:Using `torch.compile")
def test_a_module_compiled_before_the_block_shows_its_ops() -> None:
    model = torch.compile(torch.nn.Sequential(torch.nn.Linear(3, 1)), backend="eager")
    model(torch.ones(2, 3)).sum().backward()
    with gradviz.record() as recording:
        model(torch.ones(2, 3)).sum().backward()
    assert "linear" in [op.name for op in recording.ops]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_trace_made_in_the_block_is_that_without_a_recording(tmp_path: Path) -> None:
    layer = torch.nn.Linear(3, 3)
    plain = torch.jit.trace(layer, torch.ones(2, 3))
    with gradviz.record() as recording:
        traced = torch.jit.trace(layer, torch.ones(2, 3))
        traced(torch.ones(2, 3)).sum().backward()
    kinds = [[node.kind() for node in one.graph.nodes()] for one in (traced, plain)]
    assert kinds[0] == kinds[1]
    assert problems(recording.warnings) == ()
    recording.save(tmp_path / "run.gradviz")


def test_loading_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gradviz").write_text("import torch")
    with pytest.raises(GradvizError, match="not a gradviz recording"):
        gradviz.load(tmp_path / "a.gradviz")


def test_each_rank_saves_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "3")
    recording = record_chain()
    recording.save(tmp_path / "run-{rank}.gradviz")
    assert gradviz.load(tmp_path / "run-3.gradviz").environment.rank == 3
    monkeypatch.delenv("RANK")
    record_chain().save(tmp_path / "run-{rank}.gradviz")
    assert gradviz.load(tmp_path / "run-0.gradviz").environment.rank is None


def test_the_graph_has_the_attributes_of_the_report() -> None:
    graph = record_chain().to_networkx()
    kinds = [kind for _, kind in graph.nodes(data="kind")]
    assert kinds.count("autograd_node") == 5
    assert graph.graph["passes"][0]["leaf_grads"] == {"x": 3.0, "y": 3.0, "z": 3.0}


@pytest.mark.skipif(sys.platform == "win32", reason="spawned workers import this module anew")
def test_data_loader_workers_run_in_the_block_and_record_nothing_themselves() -> None:
    loader = DataLoader(Squares(), batch_size=4, num_workers=2, multiprocessing_context="fork")
    w = torch.tensor(2.0, requires_grad=True)
    with gradviz.record() as recording:
        for batch in loader:
            (batch * w).sum().backward()
    assert [len(pass_.steps) for pass_ in recording.passes] == [3, 3]
    assert recording.leaf_grads["w"] == sum(i**2 for i in range(8))
    assert not problems(recording.warnings)


def test_other_threads_run_unrecorded() -> None:
    results: list[torch.Tensor] = []

    def work() -> None:
        x = torch.ones(2, requires_grad=True)
        (x * 5).sum().backward()
        results.append(x.grad)

    with gradviz.record() as recording:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        torch.ones(3) + 1
    assert [op.name for op in recording.ops][-1] == "add"
    assert "mul" not in [op.name for op in recording.ops]
    assert torch.equal(results[0], torch.full((2,), 5.0))


def test_a_graph_that_exists_already_shows_its_nodes_and_leaves() -> None:
    model = torch.nn.Linear(2, 1)
    x = torch.ones(3, 2, requires_grad=True)
    loss = (model(x) ** 2).sum()
    recording = graph_of(loss)
    assert recording.autograd_nodes[0].name == "SumBackward0"
    assert recording.tensor("loss").autograd_node == recording.autograd_nodes[0]
    named = {t.name for t in recording.tensors if t.is_leaf}
    assert named == {"x", "model.weight", "model.bias"}
    assert not recording.ops
    assert loss.grad_fn is not None
    loss.backward()  # it was not consumed


def test_a_deep_graph_that_exists_already_is_walked_without_recursion() -> None:
    x = torch.ones(1, requires_grad=True)
    y = x
    for _ in range(3_000):
        y = y + 1
    assert len(graph_of([y]).autograd_nodes) == 3_001


def test_a_tensor_without_a_graph_is_refused() -> None:
    with pytest.raises(GradvizError, match="no backward graph"):
        gradviz.show(torch.ones(2))
    with pytest.raises(GradvizError, match="takes a tensor"):
        gradviz.show([1, 2])  # type: ignore[list-item]


@pytest.mark.gui
def test_a_notebook_gets_a_picture_and_imports_no_qt_for_it(tmp_path: Path) -> None:
    code = """
        import sys, torch, gradviz
        x = torch.tensor(1.0, requires_grad=True)
        with gradviz.record() as recording:
            y = x * 2
            y.backward()
        bundle = recording._repr_mimebundle_()
        print(sorted(bundle), "<svg" in bundle["image/svg+xml"], "PySide6" in sys.modules)
        print(bundle["text/plain"])
    """
    out = run_python(code, folder=tmp_path)
    assert out.startswith("['image/svg+xml', 'text/plain'] True False\n")
    assert "mul  y: ()  x * 2" in out


def test_a_notebook_without_a_picture_gets_a_table_and_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(program, "MAX_PICTURE_RECORDS", 1)
    bundle = record_chain()._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "p: ()  x + y" in bundle["text/plain"]
    assert bundle["text/plain"].endswith("too many for a picture.")


def test_showing_hands_the_recording_to_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[object, str]] = []
    monkeypatch.setattr(api, "open_window", lambda data, name: shown.append((data, name)))
    recording = record_chain()
    recording.show()
    gradviz.show(recording)
    gradviz.show(torch.ones(2, requires_grad=True).sum())
    assert shown[:2] == [(recording.data, "test_api")] * 2
    assert len(shown) == 3


def test_a_tensor_made_in_another_file_has_no_line_in_the_callers() -> None:
    x = torch.ones(3, requires_grad=True)
    with gradviz.record() as recording:
        halve(x)
        x + 1
    made = [op.outputs[0].line for op in recording.ops]
    assert made[0] is None
    assert made[1] == recording.ops[1].line


def test_a_hundred_recordings_in_a_loop_leave_nothing_behind() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    x = torch.ones(2, 3)

    def step() -> None:
        with gradviz.record():
            model.zero_grad()
            model(x).sum().backward()

    def count() -> int:
        gc.collect()
        return len(gc.get_objects())

    for _ in range(10):
        step()
    before = count()
    for _ in range(100):
        step()
    assert count() - before < 50
    assert not torch.nn.modules.module._global_forward_hooks
    assert torch.overrides._get_current_function_mode() is None


def test_cells_of_a_notebook_are_called_as_it_calls_them(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = {
        "/tmp/ipykernel_1/11.py": "def helper(t):\n    return t.sin()\n",
        "/tmp/ipykernel_1/12.py": (
            "w = torch.ones(3, requires_grad=True)\n"
            "with gradviz.record() as recording:\n    y = helper(w)\n    z = y * 2\n"
        ),
    }
    numbers = {name: f"In[{number}]" for number, name in enumerate(cells, start=1)}
    compiler = SimpleNamespace(
        format_code_name=lambda name: ("Cell", numbers[name]) if name in numbers else None
    )
    shell = SimpleNamespace(compile=compiler)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    names: dict[str, Any] = {"torch": torch, "gradviz": gradviz}
    for name, text in cells.items():
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec"), names)
    recording = names["recording"]
    assert [(op.file, op.line, op.text) for op in recording.ops] == [
        ("In[1]", 2, "t.sin()"),
        ("In[2]", 4, "y * 2"),
    ]
    assert "In[1]:2" in outline_text(recording.data)
    assert [op.text for op in recording.ops_of_line(4)] == ["y * 2"]
