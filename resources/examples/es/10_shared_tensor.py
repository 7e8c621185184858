"""Cuando un tensor se usa varias veces, sus
gradientes se suman: vea llegar x.grad por
partes.
"""

import torch

x = torch.tensor(2., requires_grad=True)

a = x * 3
b = x ** 2
f = a * b        # f = 3x³, así que ¿cuánto es df/dx?

f.backward()

x.grad

# /// gradviz
# title = "Un tensor, usado dos veces"
# ///
