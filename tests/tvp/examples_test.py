"""The examples of docs/examples, each verb through the carrier, against a service that fails in each way.
Arguments: the folder of the examples, the program tvp_call."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from token_service import TokenService

EXAMPLES, CALL = (Path(argument).resolve() for argument in sys.argv[1:3])
ROTATION = 'abcdefghij0123456789AB'
# Written so that it runs whatever program it stands for, after its arguments went to the file behind it.
WITNESS = '#!/bin/sh\nprintf "%s\\n" "$0 $*" >> "{log}"\nexec "{real}" "$@"\n'


class Example(unittest.TestCase):
    file = ''

    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        folder = Path(self.place.name)
        self.addCleanup(self.place.cleanup)
        self.program = folder / self.file
        shutil.copy(EXAMPLES / self.file, self.program)
        self.program.chmod(0o700)
        self.log = folder / 'arguments'
        self.bin = folder / 'bin'
        self.bin.mkdir()
        for name in ('curl', 'sed', 'dd', 'cat', 'tr', 'printf', 'env', 'python3', 'node'):
            self.witness(name)
        self.service = TokenService()
        self.addCleanup(self.service.close)
        self.old = self.service.make()

    def witness(self, name):
        real = '/usr/bin/python3' if name == 'python3' else shutil.which(name)
        if real:
            (self.bin / name).write_text(WITNESS.format(log=self.log, real=real))
            (self.bin / name).chmod(0o700)

    def call(self, verb, **members):
        given = {'url': self.service.url, 'rotation': ROTATION, **members}
        text = ''.join(f'{name}={value}\n' for name, value in given.items())
        done = subprocess.run([CALL, self.program, verb], input=text, capture_output=True, text=True,
                              env={'PATH': f'{self.bin}:{os.environ["PATH"]}', 'HOME': self.place.name})
        answer = {'ids': [], 'kept': None}
        for line in done.stdout.splitlines():
            name, _, value = line.partition('=')
            answer[name] = answer['ids'] + [value] if name == 'ids' else value
        self.assertEqual(done.stderr, '')
        self.assertNotIn('error', answer)
        self.assertNotIn('MARKER', ''.join(value for name, value in answer.items() if name in ('message', 'id', 'owner')))
        return answer

    def tearDown(self):
        if self.log.exists():
            self.assertNotIn('MARKER', self.log.read_text(), 'a token is among the arguments of a program')

    def issue(self):
        return self.call('issue', token=self.old['token'])

    def probe(self, token):
        return self.call('probe', token=token)['state']

    def test_describe(self):
        self.assertEqual({**self.call('describe'), 'ids': 0, 'kept': 0},
                         {'issue': '1', 'old': '0', 'find': 'true', 'revoke': 'true', 'probe': 'true', 'ids': 0, 'kept': 0})
        self.assertEqual(self.service.seen, [])

    def test_a_rotation(self):
        answer = self.issue()
        self.assertEqual((answer['reply'], answer['id'], answer['owner'], answer['expires']),
                         ('done', 'tok_2', 'acme', '1796083200'))
        new = self.service.tokens['tok_2']
        self.assertEqual(answer['kept'], new['token'])
        self.assertEqual(self.service.seen[-1][2].replace(' ', ''), '{"rotation":"%s","lifetime":7776000}' % ROTATION)
        self.assertEqual(self.probe(new['token']), 'valid')
        self.assertEqual(self.call('find', current=new['token'])['ids'], ['tok_2'])
        for _ in range(2):  # revoke may be repeated
            gone = self.call('revoke', token=self.old['token'], current=new['token'], id='tok_1')
            self.assertEqual(gone['reply'], 'done')
        self.assertEqual(self.probe(self.old['token']), 'invalid')
        self.assertEqual(self.probe(new['token']), 'valid')
        self.assertEqual(self.call('find', current=new['token'], rotation='of-another-one-0000000')['ids'], [])

    def test_revoke_without_an_id(self):
        new = self.service.make()
        for _ in range(2):
            gone = self.call('revoke', token=self.old['token'], current=new['token'])
            self.assertEqual(gone['reply'], 'done')
        self.assertEqual(list(self.service.tokens), ['tok_2'])

    def test_a_lost_answer_is_a_doubt_that_find_and_revoke_settle(self):
        self.service.fault = 'lost'
        self.assertEqual(self.issue()['reply'], 'doubt')
        self.service.fault = None
        found = self.call('find', current=self.old['token'])
        self.assertEqual((found['reply'], found['ids']), ('done', ['tok_2']))
        self.service.fault = 'lost'
        self.assertEqual(self.call('revoke', current=self.old['token'], id='tok_2')['reply'], 'doubt')
        self.service.fault = None
        self.assertEqual(self.call('revoke', current=self.old['token'], id='tok_2')['reply'], 'done')
        self.assertEqual(list(self.service.tokens), ['tok_1'])

    def test_what_each_fault_comes_to(self):
        new = self.service.make()
        for fault, expected in {'error': 'doubt', 'timeout': 'doubt', 'redirect': 'doubt', 'garbage': 'doubt',
                                'lost': 'doubt', 'forbidden': 'refused', 'busy': 'refused'}.items():
            with self.subTest(fault):
                self.service.fault = fault
                self.service.seen.clear()
                answer = self.issue()
                self.assertEqual((answer['reply'], answer['kept']), (expected, None))
                self.assertNotEqual(answer['message'], '')
                self.assertEqual(len(self.service.seen), 1, 'one call is one request')
                self.assertEqual(self.call('revoke', token=self.old['token'], current=new['token'], id='tok_9')['reply'],
                                 expected)
                self.assertEqual(self.probe(new['token']), 'unknown')
                self.assertNotEqual(self.call('find', current=new['token'])['reply'], 'done')
                self.assertNotIn('/elsewhere', [path for _, path, _ in self.service.seen])

    def test_a_service_that_is_not_there_has_changed_nothing(self):
        closed = TokenService()
        closed.close()
        for verb in ('issue', 'revoke'):
            answer = self.call(verb, url=closed.url, token=self.old['token'], current=self.old['token'], id='tok_1')
            self.assertEqual((answer['reply'], answer['kept']), ('refused', None))
            self.assertIn('cannot reach', answer['message'])
        self.assertEqual(self.call('probe', url=closed.url, token=self.old['token'])['state'], 'unknown')

    def test_a_policy_without_url_asks_nobody(self):
        for verb in ('issue', 'revoke', 'find'):
            answer = self.call(verb, url='', token=self.old['token'], current=self.old['token'], id='tok_1')
            self.assertEqual((answer['reply'], answer['message']), ('refused', 'the policy lacks the setting url'))
        self.assertEqual(self.service.seen, [])

    def test_a_wrong_token_makes_none(self):
        self.assertEqual(self.call('issue', token='wrong-token')['reply'], 'refused')
        self.assertEqual(self.call('issue')['reply'], 'refused')
        self.assertEqual(list(self.service.tokens), ['tok_1'])

    def test_the_wait_of_a_busy_service(self):
        self.service.fault = 'busy'
        self.assertEqual(self.issue()['retry_after'], self.busy_wait)


class Shell(Example):
    file, busy_wait = 'provider.sh', ''  # it tells that it was refused, and not for how long

    def test_the_arguments_of_what_it_runs_are_looked_at(self):
        self.issue()
        log = self.log.read_text()
        self.assertIn('/curl -q', log)
        self.assertIn('/dd bs=1', log)


class Python(Example):
    file, busy_wait = 'provider.py', '60'


@unittest.skipUnless(shutil.which('node'), 'NODE IS NOT INSTALLED: provider.mjs is not tested here')
class Node(Example):
    file, busy_wait = 'provider.mjs', '60'


def load_tests(loader, *_):
    return unittest.TestSuite(loader.loadTestsFromTestCase(kind) for kind in (Shell, Python, Node))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=2)
