"""Requirements of a template on the shape of the data."""

from experiments.data_schema import DataSchema


def unfit_picture(schema: DataSchema) -> str:
    """Say why the data is no picture: convolutions need height, width and channels."""
    if len(schema.shape) != 3:
        return "Convolutions need rows of height × width × channels; got another shape."
    if min(schema.shape[:2]) < 4:
        return "Convolutions need images of at least 4 × 4 pixels."
    return ""


def unfit_vector(schema: DataSchema) -> str:
    """Say why the data is no list of features."""
    if schema.kind == "array" and len(schema.shape) != 1:
        return "This model needs one vector per row; these rows have several axes."
    return ""


def poolings(schema: DataSchema, blocks: int) -> list[bool]:
    """Say for each block whether halving the picture after it leaves 2 × 2 pixels at least."""
    side = min(schema.shape[:2])
    halves = []
    for _ in range(blocks):
        halves.append(side >= 4)
        side = side // 2 if side >= 4 else side
    return halves
