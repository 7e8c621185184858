"""The process boundary: messages, the client without torch, the worker with it."""
