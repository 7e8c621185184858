"""Every private name of torch that gradviz uses, each with a public fallback.

Nothing else in gradviz uses a private name of torch's (a test reads all of it). Each is looked up
once, in here; what is missing is done the public way, and `lookup.NOT_TOLD` says in one sentence
what such a recording does not tell. Functions are bound directly, so that they cost what they cost
in torch.
"""
