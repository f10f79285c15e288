"""Messages of KerasTuner's distributed protocol, built without its package.

Names of messages never travel, only numbers of fields and the path of a method; so these are made
here, in a pool of their own that KerasTuner's stubs in the same process do not meet.
Source: `keras_tuner.proto` and `service.proto` of keras-tuner 1.2 to 1.4.8, which are the same there.
"""

from typing import Any, Final

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

SERVICE: Final = "keras_tuner.Oracle"
EARLIEST_SERVICE: Final = "kerastuner.Oracle"  # of 1.0.0 to 1.0.2
PACKAGE: Final = "tuning_site.keras_tuner"
FILE: Final = "tuning_site_keras_tuner.proto"

Field = FieldDescriptorProto
_PLAIN: Final = {
    "string": Field.TYPE_STRING,
    "bool": Field.TYPE_BOOL,
    "double": Field.TYPE_DOUBLE,
    "float": Field.TYPE_FLOAT,
    "int64": Field.TYPE_INT64,
    "sint64": Field.TYPE_SINT64,
}
ENUMS: Final = {
    "Sampling": ("NONE", "LINEAR", "LOG", "REVERSE_LOG"),
    "TrialStatus": ("UNKNOWN", "RUNNING", "IDLE", "INVALID", "STOPPED", "COMPLETED", "FAILED"),
}
_NUMBERS: Final = "name:string min_value:{0} max_value:{0} step:{0} sampling:Sampling default:{0} conditions:*Condition"
# Fields in the order of their numbers, from 1: * repeats, % maps a string to it, | is of the oneof.
MESSAGES: Final = {
    "Value": "int_value:|sint64 float_value:|double string_value:|string boolean_value:|bool",
    "Parent": "name:string values:*Value",
    "Condition": "parent:|Parent",
    "Fixed": "name:string value:Value conditions:*Condition",
    "Float": _NUMBERS.format("double"),
    "Int": _NUMBERS.format("sint64"),
    "Choice": "name:string values:*Value default:Value ordered:bool conditions:*Condition",
    "Boolean": "name:string default:bool conditions:*Condition",
    "Space": (
        "float_space:*Float int_space:*Int choice_space:*Choice boolean_space:*Boolean "
        "fixed_space:*Fixed"
    ),
    "Values": "values:%Value",
    "HyperParameters": "space:Space values:Values",
    "MetricObservation": "value:*float step:int64",
    "MetricHistory": "observations:*MetricObservation maximize:bool",
    "MetricsTracker": "metrics:%MetricHistory",
    "Score": "value:float step:int64",
    "Trial": (
        "hyperparameters:HyperParameters trial_id:string status:TrialStatus "
        "metrics:MetricsTracker score:Score"
    ),
    "Nothing": "",
    "SpaceMessage": "hyperparameters:HyperParameters",
    "CreateTrialRequest": "tuner_id:string",
    "UpdateTrialRequest": "trial_id:string metrics:%double step:int64",
    "TrialMessage": "trial:Trial",
    "GetTrialRequest": "trial_id:string",
    "GetBestTrialsRequest": "num_trials:int64",
    "GetBestTrialsResponse": "trials:*Trial",
}
# Method: what it is sent, what it answers.
METHODS: Final = {
    "GetSpace": ("Nothing", "SpaceMessage"),
    "UpdateSpace": ("SpaceMessage", "Nothing"),
    "CreateTrial": ("CreateTrialRequest", "TrialMessage"),
    "UpdateTrial": ("UpdateTrialRequest", "TrialMessage"),
    "EndTrial": ("TrialMessage", "Nothing"),
    "GetTrial": ("GetTrialRequest", "TrialMessage"),
    "GetBestTrials": ("GetBestTrialsRequest", "GetBestTrialsResponse"),
}


def _set_type(field: FieldDescriptorProto, kind: str) -> None:
    if kind in _PLAIN:
        field.type = _PLAIN[kind]
        return
    field.type = Field.TYPE_ENUM if kind in ENUMS else Field.TYPE_MESSAGE
    field.type_name = f".{PACKAGE}.{kind}"


def _add_map(message: DescriptorProto, field: FieldDescriptorProto, kind: str) -> None:
    entry = message.nested_type.add(name=f"{field.name.title().replace('_', '')}Entry")
    entry.options.map_entry = True
    key = entry.field.add(name="key", number=1, label=Field.LABEL_OPTIONAL)
    _set_type(key, "string")
    _set_type(entry.field.add(name="value", number=2, label=Field.LABEL_OPTIONAL), kind)
    field.label, field.type = Field.LABEL_REPEATED, Field.TYPE_MESSAGE
    field.type_name = f".{PACKAGE}.{message.name}.{entry.name}"


def _add_message(file: FileDescriptorProto, name: str, fields: str) -> None:
    message = file.message_type.add(name=name)
    for number, said in enumerate(fields.split(), start=1):
        label, kind = said.split(":")
        field = message.field.add(name=label, number=number, label=Field.LABEL_OPTIONAL)
        sign, kind = (kind[0], kind[1:]) if kind[0] in "*%|" else ("", kind)
        if sign == "%":
            _add_map(message, field, kind)
            continue
        _set_type(field, kind)
        if sign == "*":
            field.label = Field.LABEL_REPEATED
        elif sign == "|":
            if not message.oneof_decl:
                message.oneof_decl.add(name="kind")
            field.oneof_index = 0


def _classes() -> dict[str, Any]:
    file = FileDescriptorProto(name=FILE, package=PACKAGE, syntax="proto3")
    for name, values in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values):
            # Siblings of an enum's values share its scope, so each is written with its enum's name.
            enum.value.add(name=f"{name.upper()}_{value}", number=number)
    for name, fields in MESSAGES.items():
        _add_message(file, name, fields)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
        for name in MESSAGES
    }


_CLASSES: Final = _classes()


def message(kind: str, **fields: Any) -> Any:
    """A new message of that kind; protobuf's own classes have no types to speak of."""
    return _CLASSES[kind](**fields)


def read(kind: str, content: bytes) -> Any:
    """A message of that kind out of its bytes. Raises google.protobuf.message.DecodeError."""
    return _CLASSES[kind].FromString(content)
