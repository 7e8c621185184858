"""Un tensor es un arreglo de números: cree
algunos, tome partes y deles otra forma.
"""

import numpy as np
import torch

# Crear tensores
torch.zeros(5, 3)
torch.randn(5, 3, 2)
torch.tensor([[1, 2, 3], [4, 5, 6]])
torch.from_numpy(np.array([[1, 2, 3], [4, 5, 6]]))

# La aritmética opera con tensores enteros
x = torch.randn(3, 3)
y = torch.randn(3, 3)
x + y, x - y

# Índices y cortes
x[0]
x[0, 0]
x[0, :]
x[:-1, 1:]

# Otra forma, los mismos números
x.shape
x.view(1, 3, 3).shape
x.view(9)
x.view(-1)

# De vuelta a NumPy: comparten la memoria
a = x.numpy()
a[0, 0] = 100.
x

# /// gradviz
# title = "Tensores, como en NumPy"
# ///
