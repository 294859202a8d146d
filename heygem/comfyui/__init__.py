"""The ComfyUI node pack; docs/comfyui.md says how to install it. It loads where ComfyUI's `comfy_api` is present."""

from comfy_api.latest import ComfyExtension, io

from heygem.comfyui.nodes import HeyGemBatch, HeyGemLipSync


class HeyGemExtension(ComfyExtension):  # type: ignore[misc]  # comfy_api has no types here
    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return [HeyGemLipSync, HeyGemBatch]


async def comfy_entrypoint() -> ComfyExtension:
    """What ComfyUI asks for."""
    return HeyGemExtension()
