"""El mismo producto en la CPU y, donde la haya,
en la GPU. (%time es sintaxis de los
cuadernos.)
"""

import torch

torch.cuda.is_available()

x = torch.randn(2000, 2000)
y = torch.randn(2000, 2000)

%time z = x * y

if torch.cuda.is_available():
    device = torch.device("cuda")
else:
    device = torch.device("cpu")

x = x.to(device)
y = y.to(device)

%time z = x * y

z = z.cpu()
z.device

# /// gradviz
# title = "Dispositivos y tiempos"
# ///
