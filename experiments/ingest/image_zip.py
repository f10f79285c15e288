"""Prepares a dataset from a zip of images in class folders."""

import io
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from experiments.ingest.archives import open_archive, read_member
from experiments.ingest.class_folders import Member, arrange
from experiments.ingest.errors import DataRefused
from experiments.ingest.images import Part, prepare_images
from experiments.ingest.limits import MB, USUAL, Limits
from experiments.ingest.prepared import Prepared, with_validation

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")
GREY_MODES = frozenset({"1", "L", "LA", "I;16", "I;16B", "I;16L", "I;16N", "I"})
COLOUR_MODES = frozenset({"RGB", "RGBA", "P", "PA", "CMYK", "YCbCr", "LAB", "HSV", "RGBX", "RGBa"})
LARGEST_SIDE = 1024
PROPOSED_SIDE = 128


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What a zip holds: classes with counts, sizes with counts, and a proposal."""

    classes: tuple[str, ...]
    counts: tuple[int, ...]
    validation_images: int
    test_images: int
    sizes: tuple[tuple[int, int, int], ...]  # width, height, images; the commonest first
    grey: bool
    left_out: tuple[str, ...]

    @property
    def proposed(self) -> tuple[int, int]:
        """Width and height: the commonest size, scaled down to 128 pixels at most."""
        width, height, _ = self.sizes[0]
        factor = min(1.0, PROPOSED_SIDE / max(width, height))
        return max(1, round(width * factor)), max(1, round(height * factor))


@dataclass(frozen=True, slots=True)
class ImageChoice:
    """Size and colour that every image is brought to."""

    width: int
    height: int
    grey: bool


def inspect_images(path: Path, limits: Limits = USUAL) -> ImageFacts:
    """Decode every image once, so that each broken one is named before anything is chosen."""
    sizes: Counter[tuple[int, int]] = Counter()
    counts: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    grey = True
    with open_archive(path, limits) as archive:
        arranged = arrange(archive.infolist())
        for member in arranged.members:
            with _opened(archive, member, limits) as image:
                sizes[image.size] += 1
                grey = grey and image.mode in GREY_MODES
            parts[member.part] += 1
            counts[member.class_name] += member.part != "test"
    return ImageFacts(
        classes=arranged.classes,
        counts=tuple(counts[name] for name in arranged.classes),
        validation_images=parts["validation"],
        test_images=parts["test"],
        sizes=tuple((w, h, count) for (w, h), count in sizes.most_common(20)),
        grey=grey,
        left_out=arranged.left_out,
    )


def prepare_image_zip(path: Path, choice: ImageChoice, limits: Limits = USUAL) -> Prepared:
    """Every image at the chosen size and colour. Raises DataRefused naming the image."""
    with open_archive(path, limits) as archive:
        arranged = arrange(archive.infolist())
        _check_size(choice, len(arranged.members), limits)
        index = {name: position for position, name in enumerate(arranged.classes)}
        training, validation, test = (
            [member for member in arranged.members if member.part == part]
            for part in ("training", "validation", "test")
        )
        rows = _load_part(archive, training + validation, index, choice, limits)
        own_test = _load_part(archive, test, index, choice, limits) if test else None
    prepared = prepare_images(rows, own_test, classes=arranged.classes)
    return with_validation(prepared, len(validation))


def _check_size(choice: ImageChoice, images: int, limits: Limits) -> None:
    if not (1 <= choice.width <= LARGEST_SIDE and 1 <= choice.height <= LARGEST_SIDE):
        raise DataRefused(f"Width and height must be between 1 and {LARGEST_SIDE} pixels.")
    needed = images * choice.width * choice.height * (1 if choice.grey else 3)
    if needed > limits.inflated_bytes:
        raise DataRefused(
            f"{images:,} images of {choice.width} × {choice.height} pixels take "
            f"{needed / MB:,.0f} MB; at most {limits.inflated_bytes // MB:,} MB are "
            "allowed. Choose a smaller size."
        )


def _load_part(
    archive: zipfile.ZipFile,
    members: list[Member],
    index: dict[str, int],
    choice: ImageChoice,
    limits: Limits,
) -> Part:
    channels = 1 if choice.grey else 3
    x = np.empty((len(members), choice.height, choice.width, channels), dtype=np.uint8)
    y = np.array([index[member.class_name] for member in members], dtype=np.int64)
    for row, image in enumerate(_images(archive, members, limits)):
        x[row] = _pixels(image, choice)
    return x, y


def _images(
    archive: zipfile.ZipFile, members: list[Member], limits: Limits
) -> Iterator[Image.Image]:
    for member in members:
        with _opened(archive, member, limits) as image:
            yield image


def _opened(archive: zipfile.ZipFile, member: Member, limits: Limits) -> Image.Image:
    """One decoded image, turned as its camera held it."""
    name = PurePosixPath(member.entry.filename).as_posix()
    content = read_member(archive, member.entry)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            _check_image(image, name, limits)
            image.load()
            return ImageOps.exif_transpose(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataRefused(_too_large(name, limits)) from error
    except UnidentifiedImageError as error:
        raise DataRefused(
            f"{name} isn't a readable image. Supported: PNG, JPEG, BMP, GIF, WebP, TIFF."
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise DataRefused(f"{name} is damaged or truncated. Replace or remove it.") from error


def _check_image(image: Image.Image, name: str, limits: Limits) -> None:
    if image.width * image.height > limits.pixels:
        raise DataRefused(_too_large(name, limits))
    if getattr(image, "n_frames", 1) > 1:
        raise DataRefused(f"{name} is animated or has several pages. Use one image per file.")
    if image.mode not in GREY_MODES | COLOUR_MODES:
        raise DataRefused(f"{name} has the pixel type {image.mode}. Save it as 8-bit PNG or JPEG.")


def _too_large(name: str, limits: Limits) -> str:
    return (
        f"{name} has more than {limits.pixels // 1000000} million pixels. Scale it "
        "down or remove it."
    )


def _pixels(image: Image.Image, choice: ImageChoice) -> NDArray[Any]:
    if image.mode.startswith("I"):  # 16 bits a pixel: keep the upper eight
        wide = np.asarray(image, dtype=np.int64)
        image = Image.fromarray(np.clip(wide >> 8, 0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    image = image.convert("L" if choice.grey else "RGB")
    if image.size != (choice.width, choice.height):
        image = image.resize((choice.width, choice.height), Image.Resampling.LANCZOS)
    pixels = np.asarray(image, dtype=np.uint8)
    return pixels[..., np.newaxis] if choice.grey else pixels
