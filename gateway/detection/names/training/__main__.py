"""``python -m gateway.detection.names.training CORPORA [--language zh|en]``: makes a model anew.

Owns the command line. CORPORA is the folder of the IOB2 files, which are no part of the project.
"""

import argparse
from importlib import import_module
from pathlib import Path

_TRAINERS = {
    "zh": ("gateway.detection.names.training.chinese", "train_chinese", "chinese_names.npz"),
    "en": ("gateway.detection.names.training.english", "train_english", "english_names.npz"),
}
_DATA = Path(__file__).parent.parent / "data"


def main() -> None:
    """Train the languages asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m gateway.detection.names.training")
    parser.add_argument("corpora", type=Path, help="the folder of the corpora")
    parser.add_argument("--language", choices=sorted(_TRAINERS), help="only this one")
    parser.add_argument("--out", type=Path, default=_DATA, help="the folder of the models")
    asked = parser.parse_args()
    for language, (module, function, file) in _TRAINERS.items():
        if asked.language in (None, language):
            getattr(import_module(module), function)(asked.corpora, asked.out / file)


if __name__ == "__main__":
    main()
