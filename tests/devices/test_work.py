"""Counted arithmetic and traffic, against what can be counted by hand."""

from __future__ import annotations

import pytest
import torch

from gradviz.devices.work import Work, counted_work

N, K, M = 6, 5, 4


def count(source: str, **names: object) -> Work:
    with counted_work("cpu") as work:
        exec(source, {"torch": torch, **names})
    return work


def test_a_product_of_matrices_is_two_operations_for_each_of_its_products() -> None:
    work = count("c = a @ b", a=torch.rand(N, K), b=torch.rand(K, M))
    assert work.flops == 2 * N * K * M
    assert work.moved_nbytes == 4 * (N * K + K * M + N * M)


def test_an_elementwise_op_is_one_operation_for_each_element() -> None:
    work = count("c = a * b", a=torch.rand(N, K), b=torch.rand(N, K))
    assert (work.flops, work.moved_nbytes) == (N * K, 3 * 4 * N * K)


def test_views_copies_and_what_is_expanded_are_not_counted_as_arithmetic() -> None:
    assert count("a.T.reshape(-1)[2:]", a=torch.rand(N, N).T).flops == 0
    work = count("a.clone()", a=torch.rand(1).expand(1000))
    assert work.flops == 0
    assert work.moved_nbytes <= 4 + 4000


def test_backward_is_counted_too() -> None:
    a = torch.rand(N, K, requires_grad=True)
    forward = count("(a @ b).sum()", a=a, b=torch.rand(K, M))
    both = count("(a @ b).sum().backward()", a=a, b=torch.rand(K, M))
    assert both.flops - forward.flops >= 2 * N * K * M


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
def test_the_allocator_s_peak_is_told() -> None:
    x = torch.rand(1024, 1024, device="cuda")
    with counted_work("cuda:0") as work:
        (x * x).sum()
    assert work.peak_nbytes is not None and work.peak_nbytes >= x.nbytes
