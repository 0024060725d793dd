"""How a program under test has something done to its etcd: one line of words each on a socket, one line back.

Bytes are hexadecimal. The answer is `ok` with what was found, or `failed` with the reason.
"""
import socketserver
import threading


def cluster_words(cluster):
    """What can be asked of real members."""
    def gateway():
        return cluster.gateway(cluster.alive())

    return {
        **key_words(gateway),
        **{word: lambda index, do=getattr(cluster, word): do(int(index))
           for word in ('kill', 'pause', 'go_on', 'restart', 'wipe')},
        'compact': cluster.compact,
        'leader': cluster.leader,
        'save': cluster.save,
        'put_back': cluster.put_back,
        'forget': cluster.forget,
    }


def key_words(gateway):
    return {
        'put': lambda key, value='': gateway().put(unhex(key), unhex(value)) and None,
        'erase': lambda key: gateway().erase(unhex(key)) and None,
        'below': lambda prefix: ' '.join(f'{key.hex()}={value.hex()}' for key, value in
                                         sorted(gateway().below(unhex(prefix)).items())),
    }


def unhex(text):
    return bytes.fromhex(text)


class Control(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path, words):
        super().__init__(str(path), Line)
        self.words = words

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Line(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            word, *rest = line.decode().split()
            try:
                found = self.server.words[word](*rest)
                answer = 'ok' if found is None else f'ok {found}'
            except Exception as error:
                answer = f'failed {type(error).__name__} {error}'.replace('\n', ' ')
            self.wfile.write(answer.encode() + b'\n')
