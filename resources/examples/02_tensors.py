"""A tensor is an array: make some, take them
apart, give them another shape.
"""

import numpy as np
import torch

# Making tensors
torch.zeros(5, 3)
torch.randn(5, 3, 2)
torch.tensor([[1, 2, 3], [4, 5, 6]])
torch.from_numpy(np.array([[1, 2, 3], [4, 5, 6]]))

# Arithmetic works on whole tensors
x = torch.randn(3, 3)
y = torch.randn(3, 3)
x + y, x - y

# Indexing and slicing
x[0]
x[0, 0]
x[0, :]
x[:-1, 1:]

# Another shape, the same numbers
x.shape
x.view(1, 3, 3).shape
x.view(9)
x.view(-1)

# Back to NumPy: both share one memory
a = x.numpy()
a[0, 0] = 100.
x

# /// gradviz
# title = "Tensors, as in NumPy"
# ///
