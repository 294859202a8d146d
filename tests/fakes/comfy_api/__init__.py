"""A strict stand-in for the part of ComfyUI's `comfy_api` that nodes see, and a small ComfyUI that runs them."""
