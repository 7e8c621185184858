"""Dos capas, una pérdida, la pasada hacia atrás
y la actualización que reduce la pérdida.
"""

import torch
from torch import nn

torch.manual_seed(0)

model = nn.Sequential(
    nn.Linear(2, 4),
    nn.ReLU(),
    nn.Linear(4, 1),
)
x = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
y = torch.tensor([[0.], [1.], [1.], [0.]])

loss = nn.functional.mse_loss(model(x), y)
loss.backward()

learning_rate = 0.1
with torch.no_grad():
    for parameter in model.parameters():
        parameter -= learning_rate * parameter.grad

new_loss = nn.functional.mse_loss(model(x), y)
loss.item(), new_loss.item()

# /// gradviz
# title = "Un MLP y una actualización a mano"
# seed = 0
# ///
