"""Una fila más una columna es una tabla. La
pasada hacia atrás suma lo que se repitió.
"""

import torch

row = torch.tensor([1., 2., 3.], requires_grad=True)
column = torch.tensor([[10.], [20.]], requires_grad=True)

table = row + column      # las formas (3,) y (2, 1) dan (2, 3)
weights = torch.tensor([[1., 2., 3.], [4., 5., 6.]])
total = (table * weights).sum()

total.backward()

row.grad       # cada elemento se usó en 2 filas: los pesos sumados por filas
column.grad    # cada elemento se usó en 3 columnas: los pesos sumados por columnas

# /// gradviz
# title = "Broadcasting y su gradiente"
# ///
