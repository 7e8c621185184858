"""Names and signatures of what is there, found without running anything of the document."""

from __future__ import annotations

import torch

from gradviz.language.completion import MOST_NAMES, complete, signature

IMPORTS = ("import torch", "from torch import nn", "import torch.nn.functional as F")


class Odd:
    def __dir__(self) -> list[str]:
        raise ValueError

    @property
    def broken(self) -> int:
        raise KeyError


def test_modules_that_the_text_imports_are_known_before_it_ran() -> None:
    assert "Linear" in complete("nn.Lin", {}, IMPORTS)
    assert "relu" in complete("F.rel", {}, IMPORTS)
    assert complete("torch.nn.functional.cross_en", {}, IMPORTS) == ("cross_entropy",)
    assert complete("np.arr", {}, ("import surely_not_there as np", "from . import (")) == ()


def test_names_of_the_run_go_before_those_of_python() -> None:
    names = complete("wei", {"weights": torch.ones(2)}, ())
    assert names == ("weights",)
    assert "requires_grad_" in complete("w.requires", {"w": torch.ones(2)}, ())
    assert "print" in complete("pri", {}, ())


def test_names_that_are_written_as_they_were_begun_come_first() -> None:
    assert complete("torch.ten", {}, IMPORTS)[0] == "tensor"
    assert complete("torch.Ten", {}, IMPORTS)[0] == "Tensor"
    assert "Tensor" in complete("torch.ten", {}, IMPORTS)


def test_private_names_come_when_asked_for_and_there_is_a_limit() -> None:
    assert not any(name.startswith("_") for name in complete("torch.", {}, IMPORTS))
    assert "__class__" in complete("torch.Tensor.__cl", {}, IMPORTS)
    assert len(complete("torch.", {}, IMPORTS)) == MOST_NAMES


def test_objects_that_raise_offer_nothing() -> None:
    assert complete("odd.", {"odd": Odd()}, ()) == ()
    assert complete("odd.broken.x", {"odd": Odd()}, ()) == ()
    assert signature("odd.broken", {"odd": Odd()}, ()) == ""


def test_a_signature_is_that_of_the_function_or_of_its_documentation() -> None:
    def mine(first: int, *, second: str = "a") -> int:
        return first

    assert signature("mine", {"mine": mine}, ()).startswith("mine(first:")
    assert signature("torch.add", {}, IMPORTS).startswith("add(input, other")
    assert signature("nn.Linear", {}, IMPORTS).startswith("Linear(in_features: int")
    assert signature("x", {"x": 3}, ()) == ""
