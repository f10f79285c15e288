"""Builds classes of protobuf messages out of declarations, without generated code.

Each declaration makes a pool of its own, so that stubs of the same messages in this process do not meet it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

Field = FieldDescriptorProto
_PLAIN: Final = {
    "string": Field.TYPE_STRING,
    "bytes": Field.TYPE_BYTES,
    "bool": Field.TYPE_BOOL,
    "double": Field.TYPE_DOUBLE,
    "float": Field.TYPE_FLOAT,
    "int64": Field.TYPE_INT64,
    "sint64": Field.TYPE_SINT64,
}


def message_classes(
    package: str, messages: Mapping[str, str], enums: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """The class of each message by its name.

    messages: fields as name:type in the order of their numbers from 1, or name=number:type. Before a
    type * repeats it, % maps a string to it, | is of the oneof `kind`. enums: names of values from 0.
    """
    file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for name, values in (enums or {}).items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values):
            # Siblings of an enum's values share its scope, so each is written with its enum's name.
            enum.value.add(name=f"{name.upper()}_{value}", number=number)
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for place, said in enumerate(fields.split(), start=1):
            label, kind = said.split(":")
            label, _, given = label.partition("=")
            field = message.field.add(
                name=label, number=int(given or place), label=Field.LABEL_OPTIONAL
            )
            _describe(message, field, kind, f".{package}.", enums or {})
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for name in messages
    }


def _describe(
    message: DescriptorProto, field: FieldDescriptorProto, kind: str, scope: str, enums: Any
) -> None:
    sign, kind = (kind[0], kind[1:]) if kind[0] in "*%|" else ("", kind)
    if sign == "%":
        entry = message.nested_type.add(name=f"{field.name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        for number, (name, inner) in enumerate((("key", "string"), ("value", kind)), start=1):
            part = entry.field.add(name=name, number=number, label=Field.LABEL_OPTIONAL)
            _describe(entry, part, inner, scope, enums)
        sign, kind = "*", f"{message.name}.{entry.name}"
    if kind in _PLAIN:
        field.type = _PLAIN[kind]
    else:
        field.type = Field.TYPE_ENUM if kind in enums else Field.TYPE_MESSAGE
        field.type_name = scope + kind
    if sign == "*":
        field.label = Field.LABEL_REPEATED
    elif sign == "|":
        if not message.oneof_decl:
            message.oneof_decl.add(name="kind")
        field.oneof_index = 0
