"""What ComfyUI does with a pack: loads it, checks its schemas, and runs a node with values checked on both sides."""

import inspect
from typing import Any

from .latest import ComfyExtension, io


async def load(module: Any) -> dict[str, type[io.ComfyNode]]:
    """The pack's nodes by id."""
    assert not hasattr(module, "NODE_CLASS_MAPPINGS"), "one pack must not mix both interfaces"
    assert inspect.iscoroutinefunction(module.comfy_entrypoint)
    extension = await module.comfy_entrypoint()
    assert isinstance(extension, ComfyExtension)
    nodes = {}
    for node in await extension.get_node_list():
        assert issubclass(node, io.ComfyNode)
        schema = node.define_schema()
        schema.validate()
        assert schema.node_id not in nodes
        parameters = list(inspect.signature(node.execute).parameters)
        assert parameters == [given.id for given in schema.inputs], "parameters are named like inputs"
        nodes[schema.node_id] = node
    return nodes


async def run(node: type[io.ComfyNode], **values: Any) -> tuple[Any, ...]:
    """A node's outputs. Widgets that are not given have their default; of a list node every value is a list."""
    schema = node.define_schema()
    given = {
        each.id: values.pop(each.id, [each.default] if schema.is_input_list else each.default) for each in schema.inputs
    }
    assert not values, f"no inputs of this node: {values}"
    for each in schema.inputs:
        for value in given[each.id] if schema.is_input_list else [given[each.id]]:
            each.check(value)
    output = node.execute(**given)
    answer = await output if inspect.isawaitable(output) else output
    assert isinstance(answer, io.NodeOutput)
    assert len(answer.args) == len(schema.outputs)
    for each_output, value in zip(schema.outputs, answer.args, strict=True):
        for one in value if each_output.is_output_list else [value]:
            each_output.check(one)
    return answer.args
