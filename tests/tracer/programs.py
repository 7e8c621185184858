"""Programs that are run plainly and recorded, and must come out the same."""

from __future__ import annotations

CHAIN_RULE = """
x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)
p = x + y
g = p * z
g.backward()
"""

PROGRAMS: dict[str, str] = {
    "chain rule": CHAIN_RULE,
    "broadcasting": """
a = torch.randn(3, 1, requires_grad=True)
b = torch.randn(4, requires_grad=True)
c = (a * b + 2 - a / (b.exp() + 1)).sum()
c.backward()
""",
    "same tensor twice": """
x = torch.randn(5, requires_grad=True)
y = x * x + x * x.sin() - x
y.sum().backward()
""",
    "manual update": """
w = torch.randn(3, 2, requires_grad=True)
b = torch.zeros(2, requires_grad=True)
data = torch.randn(8, 3)
for step in range(3):
    loss = torch.sigmoid(data @ w + b).square().mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad
    w.grad.zero_()
    b.grad = None
loss = torch.sigmoid(data @ w + b).square().mean()
loss.backward()
""",
    "optimizer": """
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
data, target = torch.randn(16, 4), torch.randn(16, 1)
for step in range(3):
    optimizer.zero_grad()
    loss = F.mse_loss(net(data), target)
    loss.backward()
    optimizer.step()
""",
    "adam without set to none": """
net = nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
for step in range(3):
    optimizer.zero_grad(set_to_none=False)
    net(torch.randn(5, 4)).pow(2).sum().backward()
    optimizer.step()
""",
    "lbfgs": """
w = torch.randn(3, requires_grad=True)
optimizer = torch.optim.LBFGS([w], max_iter=3)
def closure():
    optimizer.zero_grad()
    loss = (w ** 4).sum() + w.sum()
    loss.backward()
    return loss
optimizer.step(closure)
""",
    "person's optimizer": """
class Plain(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {})
    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p -= 0.1 * p.grad
w = torch.randn(3, requires_grad=True)
optimizer = Plain([w])
for _ in range(2):
    optimizer.zero_grad()
    (w ** 2).sum().backward()
    optimizer.step()
""",
    "in place": """
x = torch.randn(4, requires_grad=True)
y = x * 2
y += 1
y.mul_(3)
y[1] = 7.
y[2:] *= x[:2]
z = torch.empty(4)
torch.add(y.detach(), 1, out=z)
(y * z).sum().backward()
""",
    "views": """
x = torch.randn(3, 4, requires_grad=True)
h = x * 1
v = h[0]
u = h.view(-1)[2:6]
v.mul_(2)
w = h.t()
h[1] += 1
(u.sum() + (w * w).sum() + v.sum()).backward()
""",
    "stale views": """
x = torch.randn(3, 4, requires_grad=True)
h = x * 2
a, b, c = h[0], h[1], h[2]
a.mul_(b.detach().clone())
b.add_(1)
y = (a * b + c).sum() + (h * h).sum()
y.backward()
""",
    "many outputs": """
x = torch.randn(4, 4, requires_grad=True)
a, b = x.split(2)
first, second, *rest = x.unbind()
values, indices = x.topk(2)
u, s, vh = torch.linalg.svd(x)
top, where = x.max(dim=0)
r = a.sum() + (b * b).sum() + first @ second + values.sum() + s.sum() + top.prod()
r.backward()
""",
    "indexing": """
x = torch.randn(4, 4, requires_grad=True)
y = x[0] + x[0, 0] + x[0, :] + x[:-1, 1:].sum() + x[x > 0].sum() + x[[0, 2]].sum()
y.sum().backward()
""",
    "custom function": """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x)
        ctx.scale = scale
        return x * x * scale
    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * 2 * x * ctx.scale, None
x = torch.randn(3, requires_grad=True)
y = Square.apply(x, 3.) + Square.apply(x * 2, 1.)
y.sum().backward()
""",
    "several passes": """
x = torch.randn(3, requires_grad=True)
a = (x * 2).sum()
a.backward()
b = (x ** 3).sum()
b.backward()
c = (x ** 2).sum()
c.backward(retain_graph=True)
c.backward()
""",
    "several roots": """
x = torch.randn(3, requires_grad=True)
y = x * 2
z = x.exp()
torch.autograd.backward([y, z], [torch.ones(3), torch.arange(3.)])
""",
    "create graph": """
x = torch.randn(3, requires_grad=True)
y = (x ** 3).sum()
(gx,) = torch.autograd.grad(y, x, create_graph=True)
penalty = (gx ** 2).sum()
penalty.backward()
""",
    "backward create graph": """
x = torch.randn(3, requires_grad=True)
y = (x ** 3).sum()
y.backward(create_graph=True)
g = x.grad
x.grad = None
(g ** 2).sum().backward()
""",
    "autograd.grad": """
x = torch.randn(3, requires_grad=True)
h = x * 2
gx, gh = torch.autograd.grad((h ** 2).sum(), [x, h])
""",
    "chosen inputs": """
x = torch.randn(3, requires_grad=True)
y = torch.randn(3, requires_grad=True)
(x * y).sum().backward(inputs=[x])
""",
    "checkpoint": """
from torch.utils.checkpoint import checkpoint
x = torch.randn(3, requires_grad=True)
def block(t):
    return (t * 2).sin() * t
checkpoint(block, x, use_reentrant=False).sum().backward()
""",
    "reentrant checkpoint": """
from torch.utils.checkpoint import checkpoint
net = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))
x = torch.randn(2, 3, requires_grad=True)
checkpoint(net, x * 1, use_reentrant=True).sum().backward()
""",
    "retained": """
x = torch.randn(3, requires_grad=True)
h = x * 2
h.retain_grad()
(h ** 2).sum().backward()
""",
    "lstm": """
net = nn.LSTM(3, 4, num_layers=2)
x = torch.randn(5, 2, 3, requires_grad=True)
out, (h, c) = net(x)
(out.sum() + c.sum()).backward()
""",
    "attention": """
net = nn.MultiheadAttention(8, 2, batch_first=True)
x = torch.randn(2, 5, 8, requires_grad=True)
out, weights = net(x, x, x)
out.sum().backward()
""",
    "transformer": """
net = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.1)
net(torch.randn(2, 5, 8)).sum().backward()
""",
    "batch norm": """
net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(inplace=True), nn.MaxPool2d(2))
for _ in range(2):
    net(torch.randn(4, 1, 8, 8)).mean().backward()
net.eval()
y = net(torch.randn(4, 1, 8, 8))
""",
    "statistics by themselves": """
x = torch.randn(4, 3, 5, requires_grad=True)
mean, var = torch.zeros(3), torch.ones(3)
y = F.batch_norm(x, mean, var, training=True)
both = F.batch_norm(x * 2, mean, mean, training=True)
none = F.batch_norm(x, None, None, training=True)
rows = F.batch_norm(x, mean[:], var[:], training=True)
within = F.instance_norm(x, mean.clone(), var.clone(), use_input_stats=True)
mean.data.zero_()
(y + both + none + rows + within).sum().backward()
""",
    "calls that write": """
x = torch.randn(3, 4, requires_grad=True)
y = x * 2
y.add_(1); y *= 3; y += x
z = y.view(12)
z.mul_(2)
def grown(a):
    a = a * 1
    return a.add_(x)
def rectified(a):
    return F.relu(a, inplace=True)
g = grown(x) + rectified(x * 2)
kept = F.dropout(g, 0.5, True)
gone = F.dropout(kept, 0.5, True, True)
with torch.no_grad():
    gone.mul_(2)
    x.add_(1)
gone.sum().backward()
q = torch.ones(5)
q.add_(q); q.fill_(2.); q.unsqueeze_(0); q.t_()
n = torch.tensor(3)
n += 1
n.add_(2)
rows = torch.ones(3).expand(2, 3)
turned = torch.ones(2, 5).t()
turned.add_(1)
large = torch.randn(100, 100)
large.add_(1); large.t().mul_(2); large.mul_(large)
c = torch.ones(3, dtype=torch.complex64)
c.conj().mul_(2); c.mul_(1j)
with torch.inference_mode():
    i = torch.ones(3)
    i.add_(1)
    i = F.relu(i, inplace=True)
    i.mul_(2)
""",
    "tied weights": """
class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(6, 4)
        self.out = nn.Linear(4, 6, bias=False)
        self.out.weight = self.embed.weight
    def forward(self, i):
        return self.out(self.embed(i))
net = Tied()
F.cross_entropy(net(torch.tensor([1, 2, 3])), torch.tensor([2, 3, 4])).backward()
""",
    "parameters of one's own": """
class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(3))
        self.b = nn.Parameter(torch.zeros(()))
    def forward(self, x):
        return torch.sigmoid(self.w @ x + self.b)
net = Perceptron()
net(torch.randn(3)).backward()
""",
    "dropout": """
x = torch.randn(10, 10, requires_grad=True)
F.dropout(F.dropout(x, 0.5), 0.3).sum().backward()
noise = torch.rand(3)
""",
    "complex": """
x = torch.randn(3, dtype=torch.complex64, requires_grad=True)
y = (x * x.conj()).abs().sum() + torch.view_as_real(x).pow(2).sum()
y.backward()
""",
    "sparse gradient": """
table = nn.Embedding(10, 3, sparse=True)
table(torch.tensor([1, 2, 1])).pow(2).sum().backward()
""",
    "autocast": """
net = nn.Linear(4, 4)
with torch.autocast("cpu", dtype=torch.bfloat16):
    y = net(torch.randn(3, 4)).sum()
y.backward()
""",
    "other types": """
x = torch.randn(3, dtype=torch.bfloat16, requires_grad=True)
y = torch.randn(3, dtype=torch.float64, requires_grad=True)
(x.double() * y).sum().backward()
""",
    "functional transforms": """
x = torch.randn(3, requires_grad=True)
f = lambda t: (t ** 3).sum()
g = torch.func.grad(f)(x.detach())
j = torch.func.jacrev(lambda t: t * t)(x.detach())
v = torch.vmap(f)(x.reshape(3, 1))
(v.sum() + (g * x).sum()).backward()
""",
    "zeros without memory": """
x = torch.randn(3, requires_grad=True)
(torch.sgn(x) + x).sum().backward()
""",
    "compiled": """
x = torch.randn(3, requires_grad=True)
f = torch.compile(lambda a: (a * 2).sin().sum(), backend="eager")
net = torch.compile(nn.Linear(3, 2), backend="eager")
(f(x) + net(x).sum()).backward()
""",
    "jacobian": """
x = torch.randn(3, requires_grad=True)
j = torch.autograd.functional.jacobian(lambda t: t ** 2, x)
(x * j.diag()).sum().backward()
""",
    "inference mode": """
x = torch.randn(3, requires_grad=True)
with torch.inference_mode():
    y = x * 2
    y.add_(1)
(x * 2).sum().backward()
""",
    "detach and no grad": """
x = torch.randn(3, requires_grad=True)
with torch.no_grad():
    c = x * 2
d = (x * 3).detach()
e = x.data * 2
(x * c * d * e).sum().backward()
""",
    "jit": """
@torch.jit.script
def f(x):
    return x * x + 1
x = torch.randn(3, requires_grad=True)
(f(x) * 2).sum().backward()
""",
    "larger than a corner": """
x = torch.randn(80, 90, requires_grad=True)
y = x.sin()
y.mul_(2)
(y @ y.T).sum().backward()
(x * 2).sum().backward()
""",
    "leaves the scope": """
def leaf():
    return torch.ones(3, requires_grad=True)
total = sum((leaf() * k).sum() for k in range(3))
total.backward()
""",
    "numpy": """
import numpy as np
a = torch.from_numpy(np.arange(4.)).requires_grad_()
b = torch.tensor(np.ones(4))
(a * b).sum().backward()
n = a.detach().numpy()
""",
}

HOOKED: dict[str, str] = {
    "tensor hook": """
x = torch.randn(3, requires_grad=True)
h = x * 2
h.register_hook(lambda g: g * 3)
x.register_hook(lambda g: g + 1)
seen = []
h.register_hook(lambda g: seen.append(g.clone()))
(h ** 2).sum().backward()
""",
    "module hooks": """
net = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
net[0].register_full_backward_hook(lambda m, gi, go: (gi[0] * 2,) if gi[0] is not None else None)
net[0].register_forward_hook(lambda m, i, o: o * 2)
x = torch.randn(2, 3, requires_grad=True)
net(x).sum().backward()
""",
    "optimizer in backward": """
w = torch.randn(3, requires_grad=True)
def update(p):
    with torch.no_grad():
        p -= 0.1 * p.grad
w.register_post_accumulate_grad_hook(update)
(w ** 2).sum().backward()
(w ** 2).sum().backward()
""",
}

FAILING: dict[str, str] = {
    "in the middle of backward": """
class Breaks(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()
    @staticmethod
    def backward(ctx, grad):
        raise ValueError("broken on purpose")
x = torch.randn(3, requires_grad=True)
y = torch.randn(3, requires_grad=True)
h = Breaks.apply(x * 2)
(h * y).sum().backward()
""",
    "second backward": """
x = torch.randn(3, requires_grad=True)
y = (x ** 2).sum()
y.backward()
y.backward()
""",
    "changed in place": """
x = torch.randn(3, requires_grad=True)
y = x.exp()
y.add_(1)
y.sum().backward()
""",
    "hook raises": """
x = torch.randn(3, requires_grad=True)
h = x * 2
def hook(g):
    raise KeyError("mine")
h.register_hook(hook)
h.sum().backward()
""",
    "shapes": """
x = torch.randn(3, requires_grad=True)
y = x + torch.randn(4)
""",
}
