"""Static files under hashed names, the script that another one asks for included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites `import("./x.js")` to hashed names; other imports are gone once scripts are built."""

    support_js_module_import_aggregation = True
