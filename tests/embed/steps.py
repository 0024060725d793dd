"""The commands that the embedding tests run, each shown with its output when it fails."""
import os
import shlex
import subprocess
import sys
from pathlib import Path


def run(words, folder, stdin='', **environment):
    """Output of a command that must succeed; ends the test otherwise."""
    answer = subprocess.run([str(word) for word in words], cwd=folder, text=True, input=stdin, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, env={**os.environ, **environment})
    if answer.returncode != 0:
        sys.exit(f'{" ".join(map(str, words))}\n{answer.stdout}ended with {answer.returncode}')
    return answer.stdout


class Stage:
    """The outer build, installed below a folder of its own and found through pkg-config."""

    def __init__(self, meson, build, kind, compiler, folder):
        self.meson, self.build, self.compiler, self.kind, self.folder = meson, build, compiler, kind, Path(folder)
        self.root = self.install('stage')
        self.libraries = next(self.root.rglob('libtokenvault.*')).parent
        self.packages = {'PKG_CONFIG_PATH': str(self.libraries / 'pkgconfig'), 'PKG_CONFIG_SYSROOT_DIR': str(self.root)}

    def install(self, name, *words):
        """The folder that the build was installed below."""
        root = self.folder / name
        run([self.meson, 'install', '--no-rebuild', '--quiet', '-C', self.build, '--destdir', root, *words], self.folder)
        return root

    def pkg_config(self, *words, package='tokenvault'):
        static = ['--static'] if self.kind == 'static' else []
        return run(['pkg-config', *static, *words, package], self.folder, **self.packages).split()

    def shell(self, line, compiler):
        """Runs a line that people type, with another compiler in the place of its first word."""
        run(['sh', '-c', ' '.join([shlex.join(compiler), *line.split(' ')[1:]])], self.folder, **self.packages)

    def compile(self, source, program, *flags, package='tokenvault'):
        run([*self.compiler, '-std=c++20', *flags, source, '-o', program,
             *self.pkg_config('--cflags', '--libs', package=package)], self.folder)
        return program

    def start(self, program, home, *words, stdin=''):
        return run([program, *words], home, stdin, HOME=str(home), LD_LIBRARY_PATH=str(self.libraries))

    def compile_and_run(self, source, *flags, stdin=''):
        """Output of the program made of one file, run in an empty folder."""
        home = self.folder / 'home'
        home.mkdir()
        return self.start(self.compile(source, self.folder / 'program', *flags), home, stdin=stdin)
