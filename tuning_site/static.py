"""Static files under hashed names, module imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites `import … from "./x.js";` to hashed names; each such line ends in a semicolon."""

    support_js_module_import_aggregation = True
    max_post_process_passes = (
        20  # a name that changed changes those of its importers, level by level
    )
