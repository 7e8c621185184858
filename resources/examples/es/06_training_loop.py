"""Tres pasadas hacia atrás: recorra cada una y
vea cómo zero_grad borra lo que dejó la
anterior.
"""

import torch
from torch import nn

torch.manual_seed(0)

model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

x = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
y = torch.tensor([[0.], [1.], [1.], [0.]])

for epoch in range(3):
    optimizer.zero_grad()
    prediction = model(x)
    loss = nn.functional.mse_loss(prediction, y)
    loss.backward()
    optimizer.step()
    print(f"época {epoch}: pérdida {loss.item():.4f}")

# /// gradviz
# title = "Un bucle de entrenamiento con optimizador"
# seed = 0
# ///
