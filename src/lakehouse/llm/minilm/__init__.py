"""[pure] The embedder that needs no network: all-MiniLM-L6-v2, from texts to 384 numbers, without torch.

The weights come from an installed package and are checked against their hash; once, they become an ONNX
graph in the cache folder; at each start 50 texts prove that this machine computes what others do.

Reading order: `weights` finds and checks what is installed, `graph` draws the network, `convert` keeps it
on disk, `session` runs it, `canaries` proves it, `embedder` is the whole.
"""
