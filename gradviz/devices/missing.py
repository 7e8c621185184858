"""Explain why a device cannot be used, and the one thing to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from gradviz.recording.machine import MissingDevice

GET_STARTED: Final = "https://pytorch.org/get-started"
DRIVERS: Final = "https://www.nvidia.com/drivers"


class CudaFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What decides whether CUDA can be used.

    `hidden_by` is the value of CUDA_VISIBLE_DEVICES, None where it is not set. `cards` counts
    what the driver sees, None where nobody could ask it; `usable` what torch can use.
    """

    is_built: bool
    build: str = ""
    driver: str | None = None
    hidden_by: str | None = None
    cards: int | None = None
    usable: int = 0
    problem: str = ""
    is_rocm: bool = False


def explain_missing_cuda(facts: CudaFacts) -> MissingDevice | None:
    """Why a CUDA card cannot be used, and the one thing to do; None where all can be."""
    if facts.usable:
        if facts.hidden_by is not None and (facts.cards or 0) > facts.usable:
            hidden = (facts.cards or 0) - facts.usable
            return _missing_cuda(
                f"CUDA_VISIBLE_DEVICES={facts.hidden_by} hides {hidden} of {facts.cards} cards.",
                "Unset CUDA_VISIBLE_DEVICES and start gradviz again to use them all.",
            )
        return None
    if not facts.is_built:
        return _missing_cuda(
            "This PyTorch was built without CUDA.", f"Install a CUDA build: {GET_STARTED}"
        )
    if facts.is_rocm:
        return MissingDevice(
            kind="ROCm",
            reason="This PyTorch was built for AMD cards, and ROCm finds none.",
            remedy="Run rocminfo: where it lists no card either, install AMD's driver.",
        )
    if "too old" in facts.problem:
        return _missing_cuda(
            "The NVIDIA driver is too old for this PyTorch.", f"Update the driver: {DRIVERS}"
        )
    if facts.driver is None and facts.cards is None:
        return _missing_cuda("No NVIDIA driver was found.", f"Install the driver: {DRIVERS}")
    # Cluster managers always set it: where CUDA says something else, that is the cause.
    says_nothing_else = not facts.problem or "No CUDA GPUs are available" in facts.problem
    if facts.hidden_by is not None and facts.cards != 0 and says_nothing_else:
        return _missing_cuda(
            f"CUDA_VISIBLE_DEVICES={facts.hidden_by} hides every card.",
            "Unset CUDA_VISIBLE_DEVICES and start gradviz again.",
        )
    if facts.cards == 0:
        return _missing_cuda(
            "The NVIDIA driver sees no card.", "Check that the card is seated, powered and enabled."
        )
    problem = facts.problem.rstrip(".") or "PyTorch does not say why"
    if "not yet initialized" in facts.problem:
        # Error 802: cards that are joined by NVSwitch wait for the service that configures it.
        return _missing_cuda(
            f"CUDA could not be started: {problem}.", "Start the service nvidia-fabricmanager."
        )
    return _missing_cuda(
        f"CUDA could not be started: {problem}.",
        "Restart the machine; if that does not help, install the driver again.",
    )


def is_supported(capability: tuple[int, int], built_for: Sequence[str]) -> bool:
    """Whether a build for these architectures (`sm_80`, `compute_90`) has code for a card.

    Machine code (`sm`) runs on cards of the same major version that are not older; the other is
    translated by the driver for every later card.
    """
    for word in built_for:
        kind, _, digits = word.partition("_")
        number = int("".join(digit for digit in digits if digit.isdigit()) or 0)
        major, minor = divmod(number, 10)
        is_same_line = kind == "compute" or major == capability[0]
        if is_same_line and (major, minor) <= capability:
            return True
    return not built_for


def explain_card_without_code(name: str, index: int) -> MissingDevice:
    """What to say of a card that this build of torch has no code for."""
    return _missing_cuda(
        f"This PyTorch has no code for {name} (cuda:{index}).",
        f"Install a build that has: {GET_STARTED}",
    )


def explain_missing_mps(*, is_built: bool) -> MissingDevice:
    """Why a Mac's GPU cannot be used."""
    if not is_built:
        return MissingDevice(
            kind="MPS",
            reason="This PyTorch was built without Metal.",
            remedy=f"Install PyTorch from {GET_STARTED}",
        )
    return MissingDevice(
        kind="MPS",
        reason="This Mac has no GPU that PyTorch can use.",
        remedy="Metal needs macOS 14 or newer.",
    )


def _missing_cuda(reason: str, remedy: str) -> MissingDevice:
    return MissingDevice(kind="CUDA", reason=reason, remedy=remedy)
