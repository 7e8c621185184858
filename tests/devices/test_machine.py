"""What this machine has, and the explanations of what it has not."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import msgspec
import psutil
import pytest
import torch

from gradviz.devices.machine import cpu_name, describe_machine
from gradviz.devices.missing import (
    CudaFacts,
    explain_missing_cuda,
    explain_missing_mps,
    is_supported,
)
from gradviz.recording.machine import Machine


def test_the_cpu_comes_first_with_its_memory() -> None:
    cpu = describe_machine().devices[0]
    assert cpu.name == "cpu"
    assert cpu.title
    assert cpu.total_nbytes == psutil.virtual_memory().total
    assert cpu.free_nbytes is not None
    assert 0 < cpu.free_nbytes < cpu.total_nbytes


def test_a_machine_can_be_sent() -> None:
    machine = describe_machine()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(machine), type=Machine) == machine


def test_every_listed_device_is_one_that_torch_knows() -> None:
    for device in describe_machine().devices:
        assert torch.zeros(1, device=device.name).device.type == device.name.partition(":")[0]


def test_a_machine_without_cuda_says_why_and_what_to_do() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    (missing,) = describe_machine().missing
    assert missing.kind == "CUDA"
    if torch.version.cuda is None:
        assert missing.reason == "This PyTorch was built without CUDA."
        assert missing.remedy == "Install a CUDA build: https://pytorch.org/get-started"


BUILT = CudaFacts(is_built=True)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (CudaFacts(is_built=False), "This PyTorch was built without CUDA."),
        (BUILT, "No NVIDIA driver was found."),
        (
            CudaFacts(is_built=True, driver="390.1", problem="The NVIDIA driver is too old (390)"),
            "The NVIDIA driver is too old for this PyTorch.",
        ),
        (
            CudaFacts(is_built=True, driver="580.1", hidden_by="-1", cards=2),
            "CUDA_VISIBLE_DEVICES=-1 hides every card.",
        ),
        (
            CudaFacts(
                is_built=True, driver="580.1", hidden_by="7", problem="No CUDA GPUs are available"
            ),
            "CUDA_VISIBLE_DEVICES=7 hides every card.",
        ),
        (
            # As Slurm sets it: it hides nothing, and CUDA says what is wrong.
            CudaFacts(
                is_built=True, driver="580.1", hidden_by="0", cards=1, problem="CUDA unknown error."
            ),
            "CUDA could not be started: CUDA unknown error.",
        ),
        (
            CudaFacts(is_built=True, driver="580.1", hidden_by="0", cards=4, usable=1),
            "CUDA_VISIBLE_DEVICES=0 hides 3 of 4 cards.",
        ),
        (
            CudaFacts(is_built=True, driver="580.1", hidden_by="", cards=0),
            "The NVIDIA driver sees no card.",
        ),
        (
            CudaFacts(is_built=True, driver="580.1", cards=1, problem="CUDA unknown error."),
            "CUDA could not be started: CUDA unknown error.",
        ),
        (
            CudaFacts(is_built=True, is_rocm=True),
            "This PyTorch was built for AMD cards, and ROCm finds none.",
        ),
    ],
)
def test_each_cause_has_its_own_sentence_and_a_remedy(facts: CudaFacts, reason: str) -> None:
    missing = explain_missing_cuda(facts)
    assert missing is not None
    assert missing.reason == reason
    assert missing.remedy


def test_cards_that_wait_for_their_switch_have_a_remedy_of_their_own() -> None:
    problem = "Unexpected error from cudaGetDeviceCount(). Error 802: system not yet initialized"
    facts = CudaFacts(is_built=True, driver="580.1", cards=8, problem=problem)
    missing = explain_missing_cuda(facts)
    assert missing is not None
    assert missing.remedy == "Start the service nvidia-fabricmanager."


def test_a_mac_says_which_of_build_and_system_is_missing() -> None:
    assert explain_missing_mps(is_built=False).reason == "This PyTorch was built without Metal."
    assert "macOS" in explain_missing_mps(is_built=True).remedy


@pytest.mark.parametrize(
    ("capability", "built_for", "supported"),
    [
        ((8, 6), ["sm_80", "sm_90"], True),
        ((8, 0), ["sm_86"], False),
        ((6, 1), ["sm_75", "sm_80", "sm_90"], False),
        ((12, 0), ["sm_80", "sm_90"], False),
        ((12, 0), ["sm_80", "compute_90"], True),
        ((9, 0), ["sm_90a"], True),
        ((9, 0), [], True),
    ],
)
def test_a_build_supports_cards_of_its_lines_that_are_not_older(
    capability: tuple[int, int], built_for: list[str], supported: bool
) -> None:
    assert is_supported(capability, built_for) is supported


def test_nothing_is_missing_where_every_card_can_be_used() -> None:
    facts = CudaFacts(is_built=True, driver="580.1", cards=2, usable=2)
    assert explain_missing_cuda(facts) is None


def test_the_processor_has_a_name_even_where_the_system_gives_none(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Ferro 9000 @ 3 GHz\n")
    assert cpu_name(cpuinfo) == "Ferro 9000 @ 3 GHz"
    assert cpu_name(tmp_path / "none")


def test_the_processor_has_its_makers_name_on_macos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: list[str], **_options: object) -> SimpleNamespace:
        assert command[1:] == ["-n", "machdep.cpu.brand_string"]
        return SimpleNamespace(stdout=b"Apple M2 Pro\n")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cpu_name(tmp_path / "none") == "Apple M2 Pro"


def test_the_processor_has_its_makers_name_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []

    def open_key(_root: object, path: str) -> object:
        keys.append(path)
        return contextlib.nullcontext(path)

    registry = SimpleNamespace(
        HKEY_LOCAL_MACHINE=object(),
        OpenKey=open_key,
        QueryValueEx=lambda _key, name: ({"ProcessorNameString": "Ferro 9000  "}[name], 1),
    )
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(sys, "platform", "win32")
    assert cpu_name(tmp_path / "none") == "Ferro 9000"
    assert keys == [r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"]


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
def test_a_cuda_card_has_a_name_memory_and_capability() -> None:
    card = next(d for d in describe_machine().devices if d.name == "cuda:0")
    assert card.title == torch.cuda.get_device_name(0)
    assert card.total_nbytes
    assert card.free_nbytes
    assert card.capability.startswith("compute ")
