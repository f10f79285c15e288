"""Stack: copies the pages' packages out of node_modules into static/vendor/. Standard library only.

`python -m experiments.stack.assets` runs before anything else is installed. Addresses inside `static/vendor/`:
bootstrap/bootstrap.min.css, bootstrap/bootstrap.bundle.min.js, chart.js/chart.umd.min.js,
fonts/fonts.css (families "Inter Variable" and "JetBrains Mono Variable"), icons.svg#<icon's name>.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap/bootstrap.bundle.min.js",
    "chart.js/dist/chart.umd.min.js": "chart.js/chart.umd.min.js",
}
FONTS = ("inter", "jetbrains-mono")
# Hashed static names follow every address inside a file, and the maps are not shipped.
SOURCE_MAP = re.compile(r"\n?(/\*|//)# sourceMappingURL=\S+( \*/)?")
FACE = re.compile(r"@font-face\s*{[^}]*}")
FONT_FILE = re.compile(r"url\(\./files/([\w.-]+)\)")
SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


class AssetsError(Exception):
    """A package or an icon is not there; the message says what to do."""


def copy_scripts(packages: Path, vendor: Path) -> None:
    """Copy the style sheet and scripts without their source map lines."""
    for source, target in COPIES.items():
        destination = vendor / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        text = (packages / source).read_text(encoding="utf-8")
        destination.write_text(SOURCE_MAP.sub("", text), encoding="utf-8")


def copy_fonts(packages: Path, vendor: Path) -> None:
    """Copy the upright faces of both families and the style sheet that names them."""
    folder = vendor / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    faces: list[str] = []
    for font in FONTS:
        package = packages / "@fontsource-variable" / font
        for face in FACE.findall((package / "wght.css").read_text(encoding="utf-8")):
            for name in FONT_FILE.findall(face):
                shutil.copyfile(package / "files" / name, folder / name)
            faces.append(FONT_FILE.sub(r"url(./\1)", face))
    (folder / "fonts.css").write_text("\n".join(faces) + "\n", encoding="utf-8")


def icon_names(listing: Path) -> list[str]:
    """The names in static/icons.txt: one a line, # begins a comment."""
    lines = listing.read_text(encoding="utf-8").splitlines()
    names = {line.split("#")[0].strip() for line in lines}
    return sorted(names - {""})


def build_sprite(packages: Path, listing: Path) -> str:
    """One SVG file with a symbol for each listed icon."""
    symbols: list[str] = []
    for name in icon_names(listing):
        source = packages / "lucide-static" / "icons" / f"{name}.svg"
        if not source.exists():
            raise AssetsError(f"static/icons.txt names {name!r}, which lucide-static lacks.")
        drawing = SVG.search(source.read_text(encoding="utf-8"))
        if drawing is None:
            raise AssetsError(f"{source.name} holds no drawing.")
        body = " ".join(drawing.group(1).split())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def install(root: Path = ROOT) -> None:
    """Fill static/vendor/ anew."""
    packages, vendor = root / "node_modules", root / "static" / "vendor"
    if not (packages / "lucide-static").is_dir():
        raise AssetsError("The static packages are not installed. Run `make static`.")
    shutil.rmtree(vendor, ignore_errors=True)
    copy_scripts(packages, vendor)
    copy_fonts(packages, vendor)
    sprite = build_sprite(packages, root / "static" / "icons.txt")
    (vendor / "icons.svg").write_text(sprite, encoding="utf-8")


def main() -> int:
    """Install, or say in one line why not."""
    try:
        install()
    except (AssetsError, OSError) as error:
        sys.stderr.write(f"Static packages: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
