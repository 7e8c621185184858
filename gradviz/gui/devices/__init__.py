"""The panel of devices: what the machine has, where tensors live, what the work costs."""
