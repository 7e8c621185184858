"""¿Cuánto cambia g cuando cambia x?
Prediga los gradientes y luego recórralos.
"""

import torch

x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)

p = x + y
g = p * z

g.backward()

# dg/dx = dg/dp · dp/dx = ?
x.grad, y.grad, z.grad

# /// gradviz
# title = "La regla de la cadena"
# ///
