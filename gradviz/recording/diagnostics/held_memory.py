"""The memory that autograd nodes hold for their backward, as it grows and shrinks."""

from __future__ import annotations

from gradviz.recording.diagnostics.evidence import Evidence
from gradviz.recording.model import NodeId, OpId, Saved, TensorRole


class HeldMemory:
    """The pieces of memory that are held at a moment, and how that came about.

    Each piece counts once, whoever saved it, and parameters not at all. Plain numbers throughout:
    an object for each piece would have the garbage collector walk the whole recording again and
    again.

    Attributes:
        nbytes: what all pieces take.
        savers, changes: for each change so far, the op that saved the piece first, and the bytes
            that came with it, or went.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.nbytes = 0
        self.savers: list[OpId] = []
        self.changes: list[int] = []
        self._evidence = evidence
        self._holding: set[NodeId] = set()
        self._sizes: dict[int, int] = {}
        self._counts: dict[int, int] = {}
        self._saved_by: dict[int, OpId] = {}

    def hold(self, node: NodeId, op: OpId) -> int:
        """Hold what an op's node saved; how many bytes of that were not held before."""
        before = self.nbytes
        self._holding.add(node)
        for saved in self._evidence.recording.autograd_nodes[node].saved:
            key = self._key(saved)
            if key is None:
                continue
            count = self._counts.get(key, 0)
            self._counts[key] = count + 1
            if not count:
                self._sizes[key] = saved.nbytes
                self._saved_by[key] = op
                self._change(op, saved.nbytes)
        return self.nbytes - before

    def free(self, node: NodeId) -> None:
        """Let go of what a node holds."""
        if node not in self._holding:
            return
        self._holding.discard(node)
        for saved in self._evidence.recording.autograd_nodes[node].saved:
            key = self._key(saved)
            if key is None or not self._counts[key]:
                continue
            self._counts[key] -= 1
            if not self._counts[key]:
                self._change(self._saved_by[key], -self._sizes[key])

    def _change(self, op: OpId, nbytes: int) -> None:
        self.nbytes += nbytes
        self.savers.append(op)
        self.changes.append(nbytes)

    def _key(self, saved: Saved) -> int | None:
        """What tells a piece of memory from others; None for parameters and what is empty.

        A tensor's number, and a negative one for what lives inside an op.
        """
        if not saved.nbytes:
            return None
        if saved.tensor is None:
            return -1 - saved.memory
        tensors = self._evidence.recording.tensors
        root = tensors[self._evidence.memory_of(saved.tensor)]
        is_parameter = TensorRole.PARAMETER in (root.role, tensors[saved.tensor].role)
        return None if is_parameter else root.id
