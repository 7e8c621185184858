"""List devices, move tensors to them and time them."""
