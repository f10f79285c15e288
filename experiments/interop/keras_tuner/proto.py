"""Messages of KerasTuner's distributed protocol, built without its package.

Names of messages never travel, only numbers of fields and the path of a method; so these are made
here, in a pool of their own that KerasTuner's stubs in the same process do not meet.
Source: `keras_tuner.proto` and `service.proto` of keras-tuner 1.2 to 1.4.8, which are the same there.
"""

from typing import Any, Final

from experiments.interop.protobuf_messages import message_classes

SERVICE: Final = "keras_tuner.Oracle"
EARLIEST_SERVICE: Final = "kerastuner.Oracle"  # of 1.0.0 to 1.0.2
PACKAGE: Final = "tuning_site.keras_tuner"
ENUMS: Final = {
    "Sampling": ("NONE", "LINEAR", "LOG", "REVERSE_LOG"),
    "TrialStatus": ("UNKNOWN", "RUNNING", "IDLE", "INVALID", "STOPPED", "COMPLETED", "FAILED"),
}
_NUMBERS: Final = "name:string min_value:{0} max_value:{0} step:{0} sampling:Sampling default:{0} conditions:*Condition"
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


_CLASSES: Final = message_classes(PACKAGE, MESSAGES, ENUMS)


def message(kind: str, **fields: Any) -> Any:
    """A new message of that kind; protobuf's own classes have no types to speak of."""
    return _CLASSES[kind](**fields)


def read(kind: str, content: bytes) -> Any:
    """A message of that kind out of its bytes. Raises google.protobuf.message.DecodeError."""
    return _CLASSES[kind].FromString(content)
