"""A project that has us as a guest: its meson.build and its wrap file are the ones in docs/embedding.md."""
import hashlib
import json
import re
import shutil
from pathlib import Path

import sources
from page import block
from steps import run

HERE = Path(__file__).parent


class Host:
    """`language` is cpp or c."""

    def __init__(self, meson, folder, language, compiler):
        self.meson, self.folder, self.environment = meson, Path(folder).resolve(), {'CXX': ' '.join(compiler)}
        (self.folder / 'subprojects').mkdir(parents=True)
        self.write('meson.build', block('meson', language))
        shutil.copy(HERE / 'consumer' / f'main.{language}', self.folder)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding='utf-8')

    def add_neighbours(self):
        shutil.copytree(HERE / 'neighbours', self.folder / 'neighbours')
        shutil.move(self.folder / 'neighbours' / 'meson_options.txt', self.folder)
        self.write('meson.build', block('meson', 'cpp') + "subdir('neighbours')\n")

    def take_from_repository(self, repository):
        wrap = block('ini', 'tokenvault.wrap')
        self.write('subprojects/tokenvault.wrap', re.sub(r'(?m)^url = .*$', f'url = file://{repository}', wrap))

    def take_from_tarball(self, tarball):
        provide = block('ini', 'tokenvault.wrap').partition('[provide]')[2]
        digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
        name = f'tokenvault-{sources.version()}'
        self.write('subprojects/tokenvault.wrap',
                   f'[wrap-file]\ndirectory = {name}\nsource_url = file://{tarball}\n'
                   f'source_filename = {tarball.name}\nsource_hash = {digest}\n[provide]{provide}')

    def setup(self, *options, build='build'):
        run([self.meson, 'setup', '-Dwerror=true', *options, build], self.folder, **self.environment)

    def build(self, build='build'):
        run(['ninja', '-C', build], self.folder)

    def start(self, program):
        """What the program says in an empty folder of its own."""
        home = self.folder / f'{Path(program).name}-home'
        home.mkdir()
        return run([self.folder / 'build' / program], home)

    def introspect(self, what, build='build'):
        return json.loads(run([self.meson, 'introspect', what, build], self.folder))

    def targets(self, guests, build='build'):
        """Those of the guest, or those of the host."""
        subprojects = self.folder / 'subprojects'
        return [target for target in self.introspect('--targets', build)
                if Path(target['defined_in']).is_relative_to(subprojects) == guests]
