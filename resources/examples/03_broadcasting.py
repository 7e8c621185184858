"""A row plus a column is a table. Backward
sums over whatever was repeated.
"""

import torch

row = torch.tensor([1., 2., 3.], requires_grad=True)
column = torch.tensor([[10.], [20.]], requires_grad=True)

table = row + column      # shapes (3,) and (2, 1) give (2, 3)
weights = torch.tensor([[1., 2., 3.], [4., 5., 6.]])
total = (table * weights).sum()

total.backward()

row.grad       # each entry was used in 2 rows: the weights summed over the rows
column.grad    # each entry was used in 3 columns: the weights summed over the columns

# /// gradviz
# title = "Broadcasting and its gradient"
# ///
