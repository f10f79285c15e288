"""What the sandbox shows in place of a package's copies of datasets: importing it says why there are none.

scikit-learn imports the package of its files whenever it loads one.
"""

raise ImportError(
    "Datasets that packages bring along, such as scikit-learn's load_iris(), can't be read by code: "
    "rows that experiments lock are among them. Choose the dataset in the form instead: `build(hp)` is "
    "trained on its rows, and a script gets those of images, texts and arrays from `load_data()`."
)
