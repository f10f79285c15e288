"""What a script posts to start an experiment."""


def send(client, address, version, **fields):
    """Post the form as a script would: a few fields, the rest by default."""
    return client.post(
        address,
        {"dataset_version": version.pk, "model": "image-mlp", "name": "First", "action": "start"}
        | fields,
    )
