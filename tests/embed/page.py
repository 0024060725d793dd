"""What docs/embedding.md shows, block by block, so that what is tested is what people read."""
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / 'docs' / 'embedding.md'


def blocks(language):
    """Text of each block in that language that has a name."""
    return dict(re.findall(rf'^```{language} (\S+)\n(.*?)^```$', PAGE.read_text(encoding='utf-8'), re.M | re.S))


def block(language, name):
    return blocks(language)[name]
