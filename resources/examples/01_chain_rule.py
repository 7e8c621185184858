"""Why is x.grad equal to 3?
Step through the backward pass to see it.
"""

import torch

x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)

p = x + y
g = p * z

g.backward()

# dg/dx = dg/dp · dp/dx = z · 1 = 3
x.grad, y.grad, z.grad

# /// gradviz
# title = "The chain rule"
# ///
