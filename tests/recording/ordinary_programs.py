"""Programs as learners and practitioners write them, for tests of what is told about them."""

from __future__ import annotations

from typing import Final

PROGRAMS: Final[dict[str, str]] = {
    "perceptron": """
import torch
torch.manual_seed(1)
points = torch.randn(20, 2)
labels = (points.sum(1) > 0).float()
weights = torch.zeros(2, requires_grad=True)
bias = torch.zeros((), requires_grad=True)
for epoch in range(3):
    guess = torch.sigmoid(points @ weights + bias)
    error = ((guess - labels) ** 2).mean()
    error.backward()
    with torch.no_grad():
        weights -= 0.5 * weights.grad
        bias -= 0.5 * bias.grad
        weights.grad.zero_()
        bias.grad.zero_()
""",
    "mlp loop": """
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
data, goal = torch.randn(16, 3), torch.randn(16, 1)
for epoch in range(4):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(data), goal)
    loss.backward()
    opt.step()
""",
    "lstm": """
import torch
from torch import nn
torch.manual_seed(0)
cell = nn.LSTM(4, 5, batch_first=True)
head = nn.Linear(5, 2)
seq = torch.randn(3, 6, 4)
out, (h, c) = cell(seq)
score = head(out[:, -1])
loss = nn.functional.cross_entropy(score, torch.tensor([0, 1, 1]))
loss.backward()
""",
    "attention": """
import torch
torch.manual_seed(0)
x = torch.randn(5, 8)
Wq = torch.randn(8, 8, requires_grad=True)
Wk = torch.randn(8, 8, requires_grad=True)
Wv = torch.randn(8, 8, requires_grad=True)
q, k, v = x @ Wq, x @ Wk, x @ Wv
att = torch.softmax(q @ k.T / 8 ** 0.5, dim=-1)
y = att @ v
y.pow(2).mean().backward()
""",
    "tied": """
import torch
from torch import nn
torch.manual_seed(0)
class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 4)
        self.out = nn.Linear(4, 10, bias=False)
        self.out.weight = self.emb.weight
    def forward(self, t):
        return self.out(torch.tanh(self.emb(t)))
model = Tied()
tokens = torch.tensor([1, 2, 3])
loss = nn.functional.cross_entropy(model(tokens), tokens)
loss.backward()
""",
    "checkpoint nonreentrant": """
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
torch.manual_seed(0)
block = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
x = torch.randn(2, 4, requires_grad=True)
y = checkpoint(block, x * 2, use_reentrant=False)
y.sum().backward()
""",
    "checkpoint reentrant": """
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
torch.manual_seed(0)
block = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
x = torch.randn(2, 4, requires_grad=True)
y = checkpoint(block, x * 2, use_reentrant=True)
y.sum().backward()
""",
    "double backward": """
import torch
x = torch.tensor(2., requires_grad=True)
y = x ** 3
(dy,) = torch.autograd.grad(y, x, create_graph=True)
(d2y,) = torch.autograd.grad(dy, x)
""",
    "custom right": """
import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a ** 3
    @staticmethod
    def backward(ctx, g):
        (a,) = ctx.saved_tensors
        return 3 * a ** 2 * g
a = torch.tensor([1., 2.], requires_grad=True)
cube = Cube.apply(a)
cube.sum().backward()
""",
    "custom wrong": """
import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a ** 3
    @staticmethod
    def backward(ctx, g):
        (a,) = ctx.saved_tensors
        return 2 * a ** 2 * g
a = torch.tensor([1., 2.], requires_grad=True)
cube = Cube.apply(a)
cube.sum().backward()
""",
    "in-place error": """
import torch
a = torch.ones(3, requires_grad=True)
b = torch.exp(a)
b += 1
c = (b * 2).sum()
c.backward()
""",
    "nan log": """
import torch
probs = torch.tensor([0.5, 0.0, 0.5], requires_grad=True)
entropy = -(probs * torch.log(probs)).sum()
entropy.backward()
""",
    "nan sqrt": """
import torch
v = torch.zeros(3, requires_grad=True)
length = torch.sqrt((v * v).sum())
length.backward()
""",
    "nan 0inf": """
import torch
t = torch.tensor([0., 1.], requires_grad=True)
mask = torch.tensor([0., 1.])
r = (mask * (1 / t)).sum()
r.backward()
""",
    "dead relu": """
import torch
from torch import nn
torch.manual_seed(0)
fc1 = nn.Linear(4, 6)
fc2 = nn.Linear(6, 1)
with torch.no_grad():
    fc1.bias.fill_(-100.)
hidden = torch.relu(fc1(torch.randn(8, 4)))
loss = fc2(hidden).mean()
loss.backward()
""",
    "exploding rnn": """
import torch
torch.manual_seed(0)
W = (torch.randn(10, 10) * 2).requires_grad_()
h = torch.randn(10)
for t in range(30):
    h = W @ h
h.sum().backward()
""",
    "retain_grad": """
import torch
x = torch.tensor([1., 2.], requires_grad=True)
mid = x * x
mid.retain_grad()
other = mid + 1
total = (other * 3).sum()
total.backward()
print(mid.grad, other.grad)
""",
    "hooks": """
import torch
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 3
y.register_hook(lambda g: g * 10)
z = (y * y).sum()
z.backward()
""",
    "grad several": """
import torch
a = torch.tensor(2., requires_grad=True)
b = torch.tensor(3., requires_grad=True)
u = a * b
v = a + b * b
ga, gb = torch.autograd.grad([u, v], [a, b], grad_outputs=[torch.tensor(1.), torch.tensor(2.)])
""",
    "complex": """
import torch
z = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
w = z * z
e = w.abs().sum()
e.backward()
""",
    "sparse embedding": """
import torch
from torch import nn
torch.manual_seed(0)
table = nn.Embedding(100, 3, sparse=True)
words = torch.tensor([3, 7, 3])
s = table(words).sum()
s.backward()
""",
    "no_grad cut": """
import torch
w = torch.ones(2, requires_grad=True)
with torch.no_grad():
    feat = w * 2
k = torch.ones(2, requires_grad=True)
loss = (feat * k).sum()
loss.backward()
print(w.grad)
""",
    "detach cut": """
import torch
w = torch.ones(2, requires_grad=True)
k = torch.ones(2, requires_grad=True)
feat = (w * 2).detach()
loss = (feat * k).sum()
loss.backward()
print(w.grad)
""",
    "item cut": """
import torch
w = torch.tensor(3., requires_grad=True)
k = torch.tensor(1., requires_grad=True)
scale = (w * 2).item()
loss = k * scale
loss.backward()
print(w.grad)
""",
    "gan": """
import torch
from torch import nn
torch.manual_seed(0)
G = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
D = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
og = torch.optim.Adam(G.parameters(), lr=1e-3)
od = torch.optim.Adam(D.parameters(), lr=1e-3)
bce = nn.functional.binary_cross_entropy_with_logits
for step in range(2):
    real = torch.randn(8, 2)
    fake = G(torch.randn(8, 2))
    od.zero_grad()
    d_loss = bce(D(real), torch.ones(8, 1)) + bce(D(fake.detach()), torch.zeros(8, 1))
    d_loss.backward()
    od.step()
    og.zero_grad()
    g_loss = bce(D(fake), torch.ones(8, 1))
    g_loss.backward()
    og.step()
""",
    "accumulation": """
import torch
from torch import nn
torch.manual_seed(0)
m = nn.Linear(3, 1)
o = torch.optim.SGD(m.parameters(), lr=0.1)
o.zero_grad()
for i in range(4):
    part = m(torch.randn(2, 3)).pow(2).mean() / 4
    part.backward()
o.step()
""",
    "clipping": """
import torch
from torch import nn
torch.manual_seed(0)
m = nn.Linear(3, 1)
o = torch.optim.SGD(m.parameters(), lr=0.1)
for i in range(2):
    o.zero_grad()
    loss = (m(torch.randn(4, 3)) * 100).pow(2).mean()
    loss.backward()
    nn.utils.clip_grad_norm_(m.parameters(), 1.0)
    o.step()
""",
    "maml": """
import torch
torch.manual_seed(0)
theta = torch.tensor([1., -1.], requires_grad=True)
def task(p, x): return ((p * x).sum() - 1) ** 2
meta = 0
for x in (torch.tensor([1., 2.]), torch.tensor([0.5, -1.])):
    (g,) = torch.autograd.grad(task(theta, x), theta, create_graph=True)
    fast = theta - 0.1 * g
    meta = meta + task(fast, x)
meta.backward()
""",
    "forgot zero_grad": """
import torch
w = torch.tensor(1., requires_grad=True)
for i in range(3):
    loss = (w * 2 - 1) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
""",
    "backward twice": """
import torch
a = torch.tensor(1., requires_grad=True)
b = a.exp() * a
b.backward()
b.backward()
""",
    "softmax ce by hand": """
import torch
torch.manual_seed(0)
logits = torch.randn(3, 4, requires_grad=True)
p = logits.exp() / logits.exp().sum(1, keepdim=True)
nll = -p[torch.arange(3), torch.tensor([0, 1, 2])].log().mean()
nll.backward()
""",
    "batchnorm conv": """
import torch
from torch import nn
torch.manual_seed(0)
layers = [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)]
net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(36, 2))
out = net(torch.randn(5, 1, 8, 8))
loss = nn.functional.cross_entropy(out, torch.tensor([0, 1, 0, 1, 0]))
loss.backward()
""",
    "vae": """
import torch
from torch import nn
torch.manual_seed(0)
enc, dec = nn.Linear(6, 4), nn.Linear(2, 6)
x = torch.rand(5, 6)
mu, logvar = enc(x).chunk(2, 1)
z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
rec = torch.sigmoid(dec(z))
kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum()
loss = nn.functional.binary_cross_entropy(rec, x, reduction="sum") + kl
loss.backward()
""",
    "gradient penalty": """
import torch
from torch import nn
torch.manual_seed(0)
D = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
x = torch.randn(3, 2, requires_grad=True)
score = D(x).sum()
gx, = torch.autograd.grad(score, x, create_graph=True)
penalty = ((gx.norm(dim=1) - 1) ** 2).mean()
penalty.backward()
""",
    "int dtype": """
import torch
w = torch.tensor([1.6, 2.4], requires_grad=True)
idx = w.round().long()
loss = (idx.float() * 2).sum() + w.sum() * 0
loss.backward()
""",
    "straight through": """
import torch
w = torch.tensor([0.3, 0.8], requires_grad=True)
hard = (w > 0.5).float()
st = hard + w - w.detach()
loss = (st * torch.tensor([2., 3.])).sum()
loss.backward()
""",
    "unused branch": """
import torch
a = torch.tensor(1., requires_grad=True)
b = torch.tensor(2., requires_grad=True)
used = a * 3
unused = b * 4
used.backward()
print(b.grad)
""",
    "averaged model": """
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
ema = torch.optim.swa_utils.AveragedModel(model)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(2):
    opt.zero_grad()
    model(torch.randn(5, 3)).square().mean().backward()
    opt.step()
    ema.update_parameters(model)
""",
    "ensemble": """
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
torch.manual_seed(0)
models = [nn.Linear(3, 1) for _ in range(3)]
params, buffers = stack_module_state(models)
form = nn.Linear(3, 1, device="meta")
def call(params, buffers, x):
    return functional_call(form, (params, buffers), (x,))
out = vmap(call, (0, 0, None))(params, buffers, torch.randn(5, 3))
out.square().mean().backward()
""",
    "forgotten layer": """
import torch
from torch import nn
torch.manual_seed(0)
fc1 = nn.Linear(3, 4)
fc2 = nn.Linear(4, 4)
out = nn.Linear(4, 1)
out(fc1(torch.randn(5, 3)).relu()).square().mean().backward()
""",
    "transformed": """
import torch
from torch.func import grad, vmap
torch.manual_seed(0)
def scale(x, w):
    return x * w.exp()
w = torch.randn(3, requires_grad=True)
data = torch.randn(4, 3)
each = vmap(grad(lambda row: (scale(row, w) ** 2).sum()))(data)
loss = (each - scale(data, w)).square().mean()
loss.backward()
""",
}
