"""Draws static/vendor/icons.svg out of lucide's icons in node_modules. Standard library only.

`python -m experiments.stack.assets` runs before anything else is installed. A page shows `icons.svg#<icon's name>`.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SVG = re.compile(r"<svg([^>]*)>(.*)</svg>", re.DOTALL)


class AssetsError(Exception):
    """A package or an icon is not there; the message says what to do."""


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
            raise AssetsError(f"static/icons.txt names {name!r}, which isn't in lucide-static.")
        drawing = SVG.search(source.read_text(encoding="utf-8"))
        if drawing is None:
            raise AssetsError(f"{source.name} contains no drawing.")
        body = " ".join(drawing.group(2).split())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def with_logo(sprite: str, logo: Path) -> str:
    """The sprite with the product's mark, in its own colour."""
    drawing = SVG.search(logo.read_text(encoding="utf-8"))
    if drawing is None:
        raise AssetsError(f"{logo.name} contains no drawing.")
    attributes, body = drawing.groups()
    return sprite.replace(
        "</svg>", f'<symbol id="logo"{attributes}>{body.strip()}</symbol>\n</svg>'
    )


def install(root: Path = ROOT) -> None:
    """Fill static/vendor/ anew."""
    packages, vendor = root / "node_modules", root / "static" / "vendor"
    if not (packages / "lucide-static").is_dir():
        raise AssetsError("The static packages are not installed. Run `make static`.")
    shutil.rmtree(vendor, ignore_errors=True)
    vendor.mkdir(parents=True)
    sprite = build_sprite(packages, root / "static" / "icons.txt")
    sprite = with_logo(sprite, root / "static" / "img" / "logo.svg")
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
