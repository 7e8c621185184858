"""What the messages of torch and Python mean, and what to do next."""

from __future__ import annotations

from typing import Final

WITHOUT_CUDA: Final = (
    "This PyTorch was built without CUDA; install a CUDA build (pytorch.org/get-started) on a "
    "machine with an NVIDIA card, or use the CPU: torch.device('cuda' if "
    "torch.cuda.is_available() else 'cpu')."
)
NO_DRIVER: Final = (
    "This machine has no NVIDIA driver that is new enough for CUDA; install it, or use the CPU: "
    "torch.device('cuda' if torch.cuda.is_available() else 'cpu')."
)

NO_GRADIENT: Final = (
    "Nothing that this was computed from requires grad, or the path was cut by detach() or "
    "no_grad(). Make a leaf with requires_grad=True."
)

TUPLE_ADVICE: Final = (
    "This is a tuple, such as the values and indices of torch.max(x, dim=0): take one of them, [0]."
)

ADVICE: Final[tuple[tuple[str, str], ...]] = (
    (r"not compiled with CUDA|'aten::empty.memory_format' with arguments from the 'CUDA'|"
     r"requires CUDA support|Tried to instantiate dummy base class (Event|Stream|CUDAGraph)",
     WITHOUT_CUDA),
    (r"no NVIDIA driver|driver version is insufficient", NO_DRIVER),
    (r"No CUDA GPUs are available",
     "CUDA sees no card; check nvidia-smi and the variable CUDA_VISIBLE_DEVICES."),
    (r"invalid device ordinal",
     "There is no card with this number; torch.cuda.device_count() says how many there are."),
    (r"CUDA driver version is insufficient|NVIDIA driver on your system is too old",
     "The NVIDIA driver is older than this PyTorch needs: update it (www.nvidia.com/drivers)."),
    (r"no kernel image is available",
     "This PyTorch has no code for this card; install a build that has "
     "(pytorch.org/get-started)."),
    (r"device-side assert triggered",
     "A kernel refused its input, most likely an index or a class number out of range. Run it on "
     "the CPU, which names the line and the reason; the engine restarts by itself."),
    (r"illegal memory access|unspecified launch failure|misaligned address",
     "A kernel read or wrote outside its memory; the line shown is where that was noticed. "
     "CUDA_LAUNCH_BLOCKING=1 in the environment shows the right one; the engine restarts by "
     "itself."),
    (r"(CUBLAS|CUDNN)_STATUS_(NOT_INITIALIZED|EXECUTION_FAILED)|CUDNN_STATUS_INTERNAL_ERROR",
     "The card's library failed, most likely because the card's memory is full: use a smaller "
     "batch."),
    (r"not linked with support for \w+ devices|MPS backend is supported on|compiled with XPU|"
     r"not compiled with \w+ enabled|'aten::empty\S*' with arguments from the '\w+' backend",
     "This PyTorch cannot use that device; the device panel and gradviz devices list those that "
     "it can."),
    (r"which requires the '\w+' interactive framework",
     "That backend of matplotlib cannot open a window here: without matplotlib.use() the figures "
     "appear in the output of gradviz's window."),
    (r"Cannot access accelerator device when none is available",
     "This machine has no accelerator that PyTorch can use; use the CPU: leave out pin_memory, and "
     "write device='cpu'."),
    (r"MPS framework doesn't support float64|Required aspect fp64",
     "This GPU has no double precision: use torch.float32, for example x.float()."),
    (r"backward through the graph a second time",
     "The first backward freed what this one needs. Keep it with backward(retain_graph=True), or "
     "compute the result again before each backward; a tensor carried over from one iteration of "
     "a loop to the next needs .detach()."),
    (r"modified by an inplace operation",
     "A tensor that backward needs was changed in place after it was used. Write y = y + 1 "
     "instead of y += 1, or change a copy: y.clone()."),
    (r"a leaf Variable that requires grad is being used in an in-place operation|"
     r"a view of a leaf Variable that requires grad",
     "A leaf may be changed in place only while autograd is off: put the change inside with "
     "torch.no_grad():"),
    (r"grad can be implicitly created only for scalar outputs",
     "Backward starts from one number. Reduce the result first (.sum() or .mean()), or say how "
     "much each element counts: y.backward(torch.ones_like(y))."),
    (r"does not require grad and does not have a grad_fn",
     NO_GRADIENT),
    (r"context manager protocol|^__enter__$",
     "Put () after it: with torch.no_grad():"),
    (r"appears to not have been used in the graph",
     "The result does not depend on this tensor; allow_unused=True gives None for it."),
    (r"Can't call numpy\(\) on Tensor that requires grad",
     "Leave the graph first: x.detach().numpy(). Gradients go only through PyTorch's own "
     "functions, such as torch.exp(x)."),
    (r"can't convert cuda.* to numpy|device type tensor to numpy",
     "NumPy lives on the CPU: x.detach().cpu().numpy()."),
    (r"expected target dtype to be|expected target to be of type|"
     r"expected scalar type Long but found",
     "Class numbers are integers: write target.long()."),
    (r"must have the same dtype|expected scalar type|should be the same dtype|"
     r"expected m1 and m2 to have the same dtype",
     "Convert both to one type, for example x.float()."),
    (r"inconsistent tensor size",
     "A product of two vectors needs vectors of the same length; look at both shapes."),
    (r"1D tensors expected",
     "torch.dot takes two vectors; for matrices write a @ b, and .flatten() makes a vector."),
    (r"mat1 and mat2 shapes cannot be multiplied|size mismatch, got|both arguments to matmul",
     "In a matrix product the first must have as many columns as the second has rows; look at "
     "both shapes: one of them may need .T."),
    (r"The size of tensor a .* must match the size of tensor b",
     "Shapes are compared from the last dimension: sizes must be equal, or one of them 1. "
     "unsqueeze() adds a dimension of size 1."),
    (r"shape '.*' is invalid for input of size|view size is not compatible",
     "The new shape must have as many elements as the old; one size may be -1. After a "
     "transpose use reshape() instead of view()."),
    (r"Expected all tensors to be on the same device|is not on the expected device|"
     r"Input type .* and weight type .* should be the same",
     "Move one of them: x.to(y.device)."),
    (r"Only Tensors of floating point and complex dtype can require gradients|"
     r"only Tensors of floating point",
     "Make it floating point: torch.tensor([1., 2.]) or x.float()."),
    (r"a Tensor with \d+ elements cannot be converted to Scalar|^only one element tensors can be",
     "Only a tensor of one element becomes a number; reduce it first, or use .tolist()."),
    (r"Boolean value of Tensor with more than one value is ambiguous",
     "Say which you mean: (x > 0).any() or (x > 0).all()."),
    (r"Invalid device string|Expected one of cpu, cuda",
     "Devices are called cpu, cuda:0, mps or xpu:0; the Devices tab and gradviz devices list those "
     "of this machine."),
    (r"^Target -?\d+ is out of bounds",
     "Class numbers run from 0 to the number of outputs minus one."),
    (r"'NoneType'",
     "Something here is None. A .grad is None before backward, and it stays None where the "
     "tensor is not a leaf, such as w after w = w - 0.1. A function gives None if it has no "
     "return."),
    (r"expected sequence of length \d+ at dim",
     "All rows of a tensor must have the same number of elements."),
    (r"^tensor\(\) takes 1 positional argument but",
     "Write a decimal with a point, 1.5, and several numbers in brackets: torch.tensor([1., 5.])."),
    (r"^new\(\) received an invalid combination",
     "torch.Tensor(…) takes no options: write torch.tensor([1., 2.], requires_grad=True)."),
    (r"^(randn|rand|zeros|ones|empty|full|view|reshape)\(\) received .* got \([^)]*float|"
     r"must be tuple of ints, (not|but found)",
     "Sizes are integers: write 3, not 3.0 or '3'."),
    (r"got an unexpected keyword argument 'axis'|got \(.*axis=NoneType",
     "NumPy's functions take arrays: use PyTorch's own, such as torch.sum(x, dim=0)."),
    (r"must be tuple of Tensors, not Tensor|^cat\(\) received .* got \(Tensor",
     "Put the tensors into a list: torch.cat([a, b])."),
    (r"^transpose\(\) (missing|received an invalid combination of arguments.* got \(\))",
     "Name the two dimensions that change places: x.transpose(0, 1)."),
    (r"received an invalid combination of arguments",
     "It was given arguments that it does not take: type its opening parenthesis in the editor to "
     "see its signature."),
    (r"^'module' object is not callable",
     "This is a module, not a function: name the function in it, as in torch.rand(3, 3)."),
    (r"object is not callable",
     "This is not a function: leave out the parentheses after it."),
    (r"^'(builtin_function_or_method|method|function)' object is not subscriptable",
     "Functions are called with parentheses: torch.tensor([1., 2.]), x.size()[0]."),
    (r"^'(builtin_function_or_method|method|function)' object (is not|has no)|"
     r"^unsupported operand .*'(builtin_function_or_method|method|function)'",
     "This function was not called: put () after its name."),
    (r"^'(float|int|numpy\.\w+|ndarray)' object has no attribute '(backward|grad|requires_grad)'",
     "This is not a tensor: .item(), .numpy() and float() leave the graph, so use the tensor "
     "itself."),
    (r"^expected np\.ndarray",
     "torch.from_numpy takes an array; for a list write torch.tensor([1., 2.])."),
    (r"can't convert np\.ndarray of type",
     "Only arrays of numbers become tensors: try array.astype(float) first."),
    (r"^Dimension out of range",
     "Dimensions are counted from 0, and -1 is the last; x.ndim says how many there are."),
    (r"is out of bounds for dimension",
     "Indices run from 0 to the size minus one; -1 is the last."),
    (r"^too many indices for tensor",
     "The tensor has fewer dimensions than you gave indices; look at its .shape."),
    (r"^only integers, slices",
     "An index is an integer, a slice such as 1:3, or a tensor of integers."),
    (r"^step must be greater than zero",
     "A tensor cannot be sliced backwards: x.flip(0) reverses it."),
    (r"could not infer output dtype",
     "The mean of integers need not be an integer: write x.float().mean()."),
    (r"^can only concatenate tuple", TUPLE_ADVICE),
    (r"^can only concatenate list",
     "Make it a tensor: torch.tensor([1., 2.])."),
    (r"must be torch\.dtype, not",
     "A type is written without quotation marks: dtype=torch.float32."),
    (r"^you can only change requires_grad flags of leaf",
     "x.detach() has the same values and needs no gradient."),
    (r"^cannot assign '.*' as parameter",
     "Write nn.Parameter(tensor), or change its values: with torch.no_grad(): "
     "layer.weight.copy_(tensor)."),
    (r"argument 'requires_grad' .*must be bool, not str",
     "True and False are written without quotation marks."),
    (r"^Expected floating point type for target with class probabilities",
     "Each sample needs a row of scores: shape (samples, classes) beside (samples,)."),
    (r"^only integer tensors of a single element can be converted to an index",
     "An index is an integer. And a decimal is written with a point: 0,1 is two numbers."),
    (r"^new\(\): data must be a sequence",
     "torch.Tensor(…) takes a list: write torch.tensor(2.5)."),
    (r"^can only concatenate str",
     "print('loss', loss) puts text and numbers side by side."),
    (r"^Sizes of tensors must match except in dimension",
     "torch.cat joins along one dimension, its dim; in all others the sizes must match."),
    (r"^zero-dimensional tensor .* cannot be concatenated",
     "Join single numbers with torch.stack([a, b])."),
    (r"^stack expects each tensor to be equal size",
     "torch.stack needs equal shapes; torch.cat joins along an existing dimension."),
    (r"before Module\.__init__\(\) call",
     "Write super().__init__() as the first line of __init__."),
    (r"is missing the required \"forward\" function",
     "A module's class needs a method named forward that takes self and the inputs."),
    (r"missing 1 required positional argument: 'params'",
     "Tell the optimizer what to change: torch.optim.SGD(model.parameters(), lr=0.1)."),
    (r"^params argument given to the optimizer should be an iterable",
     "Put the tensors into a list: torch.optim.SGD([w, b], lr=0.1)."),
    (r"missing 1 required positional argument: 'target'",
     "A loss compares two tensors: F.mse_loss(prediction, target)."),
    (r"missing \d+ required positional argument",
     "It needs more than it was given: type its opening parenthesis in the editor to see its "
     "signature."),
    (r"^(LogSigmoid|Sigmoid|Softsign|Tanh|Tanhshrink)\.__init__\(\) takes 1 ",
     "Create the module first, then call it: nn.Tanh()(x)."),
    (r"\.(\w+\(\) takes 0|(?!__init__)\w+\(\) takes 1) positional arguments? but",
     "The first parameter of a method is self: def forward(self, x):"),
    (r"^list is not a Module subclass",
     "Write the modules without brackets around them: nn.Sequential(nn.Linear(2, 2), nn.ReLU())."),
    (r"is not a Module subclass",
     "A module is created with parentheses: nn.ReLU()."),
    (r"^0D or 1D target tensor expected",
     "Class numbers have shape (samples,): try target.flatten(). Scores have shape (samples, "
     "classes)."),
    (r"all elements of (input|target) should be between 0 and 1",
     "BCELoss takes probabilities: use torch.sigmoid(scores), or nn.BCEWithLogitsLoss."),
    (r"(invalid data type|too many dimensions) 'str'",
     "A tensor holds numbers, not text."),
    (r"bitwise_xor|^unsupported operand type\(s\) for \^", "A power is written with **: x ** 2."),
    (r"must be Tensor, not (list|tuple|float|int)",
     "Make it a tensor: torch.tensor([1., 2.])."),
    (r"must be Tensor, not (numpy\.)?ndarray",
     "Make it a tensor: torch.from_numpy(array)."),
    (r"values to unpack",
     "There must be as many names on the left as values on the right."),
    (r"^(len\(\) of|iteration over) a 0-d tensor|^invalid index of a 0-dim tensor",
     "This is a single number: .item() returns it."),
    (r"^list indices must be integers or slices, not tuple",
     "Put a comma between the rows: [[1, 2], [3, 4]]."),
    (r"^Concatenation operation is not implemented for NumPy arrays",
     "NumPy cannot combine an array with a tensor that requires grad: write "
     "torch.from_numpy(array) + x."),
    (r"returned an incorrect number of gradients",
     "backward returns one gradient for each argument of forward, in their order, and None for "
     "those that need none."),
    (r"returned an invalid gradient at index",
     "Each gradient that backward returns has the shape of the argument of forward that it belongs "
     "to."),
    (r"^derivative for aten::\w+ is not implemented",
     "PyTorch knows no derivative of this operation: compute it of x.detach(), or put another one "
     "in its place."),
    (r"^Expected more than 1 value per channel when training",
     "Training needs more than one value for each channel here: the batch has one example. Make it "
     "larger (drop_last=True of a DataLoader leaves out a last batch of one), or call .eval() to "
     "use the model."),
    (r"EOF when reading a line", "There is no keyboard input here; write the value into the text."),
)  # fmt: skip
"""Patterns of messages and what to do; the first that is found counts."""
