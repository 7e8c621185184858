"""La pérdida es un número normal y, aun así, un
gradiente es NaN. Retroceda desde la hoja para
descubrir por qué.
"""

import torch

scale = torch.tensor([1., 2., 3.], requires_grad=True)
measured = torch.tensor([4., 0., 9.])

distance = torch.sqrt(scale * measured)     # el segundo elemento es sqrt(0) = 0
kept = torch.where(measured > 0, distance, torch.zeros(3))
loss = kept.sum()

loss.backward()

loss          # bien
scale.grad    # mal: 0 · ∞ en el segundo elemento

# /// gradviz
# title = "A la caza del NaN"
# ///
