"""The loss is a plain number, and yet one
gradient is NaN. Step back from the leaf to
find why.
"""

import torch

scale = torch.tensor([1., 2., 3.], requires_grad=True)
measured = torch.tensor([4., 0., 9.])

distance = torch.sqrt(scale * measured)     # the second entry is sqrt(0) = 0
kept = torch.where(measured > 0, distance, torch.zeros(3))
loss = kept.sum()

loss.backward()

loss          # fine
scale.grad    # not fine: 0 · ∞ in the second entry

# /// gradviz
# title = "Hunt the NaN"
# ///
