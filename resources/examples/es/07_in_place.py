"""Una operación in situ modifica un tensor que
otras quizá necesiten aún. PyTorch se da
cuenta: mire el error.
"""

import torch

# Esta está bien: nada necesita el valor anterior de h.
a = torch.tensor([1., 2., 3.], requires_grad=True)
h = a * 2
h += 1
h.sum().backward()
a.grad

# Esta no: exp guarda su resultado para la pasada hacia atrás y la línea siguiente lo cambia.
b = torch.tensor([0., 1.], requires_grad=True)
e = b.exp()
e += 1
e.sum().backward()

# /// gradviz
# title = "Operaciones in situ"
# ///
