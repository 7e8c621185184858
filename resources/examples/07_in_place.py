"""An in-place op changes a tensor that others
may still need. PyTorch notices: look at the
error.
"""

import torch

# This one is fine: nothing needs the old value of h.
a = torch.tensor([1., 2., 3.], requires_grad=True)
h = a * 2
h += 1
h.sum().backward()
a.grad

# This one is not: exp keeps its result for backward, and the next line changes it.
b = torch.tensor([0., 1.], requires_grad=True)
e = b.exp()
e += 1
e.sum().backward()

# /// gradviz
# title = "In-place ops"
# ///
