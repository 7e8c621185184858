"""Una neurona: sigmoid(w·x + b), un valor
objetivo y el gradiente de la pérdida.
"""

import torch

x = torch.tensor([1., 0.5])
target = torch.tensor(1.)

w = torch.tensor([0.2, -0.4], requires_grad=True)
b = torch.tensor(0.1, requires_grad=True)

z = w.dot(x) + b
output = torch.sigmoid(z)
loss = (output - target) ** 2

loss.backward()

w.grad, b.grad

# /// gradviz
# title = "Un perceptrón"
# ///
