"""When a tensor is used several times, its
gradients add up: watch x.grad arrive in
parts.
"""

import torch

x = torch.tensor(2., requires_grad=True)

a = x * 3
b = x ** 2
f = a * b        # f = 3x³, so what is df/dx?

f.backward()

x.grad

# /// gradviz
# title = "One tensor, used twice"
# ///
