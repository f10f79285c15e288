"""The form and the text field that the forms here are made of."""

from typing import Any

from django import forms

from experiments.search.reading import text_problem


class Dressed(forms.Form):
    """A form whose fields look like the product's, with labels that end without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Dress every field."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs.setdefault("class", "form-select" if is_choice else "form-control")


class StoredText(forms.CharField):
    """Text that every database keeps; `rows`: lines in a text area, else one line."""

    def __init__(self, *, rows: int = 0, **kwargs: Any) -> None:
        """The arguments of a CharField."""
        self.has_lines = bool(rows)
        if rows:
            kwargs["widget"] = forms.Textarea(attrs={"rows": rows})
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Refuse characters that can't be stored."""
        text = str(super().clean(value))
        if problem := text_problem(text, lines=self.has_lines):
            raise forms.ValidationError(problem)
        return text
