"""A program that keeps its vault in etcd finds the library installed, through pkg-config and by CMake, and links it.
Arguments: as for installed.py, without the programs."""
import shutil
import sys
import tempfile
from pathlib import Path

from steps import Stage, run

SOURCE = Path(__file__).parent / 'consumer' / 'etcd.cpp'
PROJECT = '''cmake_minimum_required(VERSION 3.13)
project(app CXX)
find_package(tokenvault 0.1 CONFIG REQUIRED)
add_executable(app etcd.cpp)
target_link_libraries(app PRIVATE tokenvault::etcd)
'''


def by_pkg_config(stage):
    return stage.compile(SOURCE, stage.folder / 'app', '-Wall', '-Wextra', '-Werror', package='tokenvault-etcd')


def by_cmake(stage):
    folder = stage.folder / 'cmake'
    folder.mkdir()
    shutil.copy(SOURCE, folder)
    (folder / 'CMakeLists.txt').write_text(PROJECT, encoding='utf-8')
    run(['cmake', '-S', folder, '-B', folder / 'build', '-G', 'Ninja', f'-DCMAKE_PREFIX_PATH={stage.root}/usr/local'],
        folder, CXX=stage.compiler[-1])
    run(['cmake', '--build', folder / 'build'], folder)
    return folder / 'build' / 'app'


def faults_of(stage):
    for way in [by_pkg_config, *([by_cmake] if shutil.which('cmake') else [])]:
        said = stage.start(way(stage), stage.folder)
        if said != 'unreachable\n':
            yield f'{way.__name__}: it said {said!r}'


def main(meson, build, kind, *compiler):
    with tempfile.TemporaryDirectory() as folder:
        faults = list(faults_of(Stage(meson, build, kind, compiler, folder)))
        print(*faults, f'{kind}: {len(faults)} faults', sep='\n')
        return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
